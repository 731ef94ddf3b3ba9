"""Where jobs run: in this process, on this machine's cores or on a cluster, to the same results."""
