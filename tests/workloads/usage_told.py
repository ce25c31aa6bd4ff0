"""What the kernel accounts for this process and the children that it waited for: the truth that a workload ends with."""

import os
import resource


def end_with_usage(status=0):
    """Prints the CPU seconds so far and ends at once: the interpreter's own end would come after what it has told."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(sum(usage.ru_utime + usage.ru_stime for usage in usages), flush=True)
    os._exit(status)
