"""Many videos: each judged once, on all cores or on a cluster, whatever interrupts the run."""
