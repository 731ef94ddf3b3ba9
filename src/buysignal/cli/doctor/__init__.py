"""Is this run fooling its user: a catalogue of self-deceptions, each looked for in the artefacts of a run."""
