"""One library in a process of its own: it waits until it is asked to run a task, and answers with the seconds."""

import importlib
import os
import sys
import time


def main(module: str, cores: int) -> None:
    """Announce the tasks, then run them as they are asked for."""
    answers, sys.stdout = sys.stdout, sys.stderr
    # On one core the processor's time is the clock's, less what other programs take of it.
    clock, prepared = time.process_time if cores == 1 else time.perf_counter, {}
    listed = list(importlib.import_module(f"benchmarks.{module}").contenders(cores))
    print(repr([(task, name, amount) for task, name, amount, _ in listed]), file=answers, flush=True)
    for line in sys.stdin:
        which = int(line)
        amount, prepare = listed[which][2:]
        if which not in prepared:
            prepared[which] = prepare()
            prepared[which]()
        repeats, start = 0, clock()
        while clock() - start < 0.02 or repeats == 0:
            prepared[which]()
            repeats += 1
        print((clock() - start) / repeats / amount, file=answers, flush=True)


if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(sys.argv[2])])
    main(sys.argv[1], int(sys.argv[2]))
