"""Forms of the words that files of this room hold: names that may name files, and hashes."""

from buysignal.core.settings import matching

Name = matching("[A-Za-z0-9-]{1,80}", "a name of at most 80 letters, digits and hyphens")  # it may name a file
Word = matching("[A-Za-z0-9]{0,20}", "a word of at most 20 letters and digits, or none")
Digest = matching("[0-9a-f]{64}", "64 hex digits")
