"""A small imitation of a training job that marks its timeline: plain Python, no packages, about ten seconds.

`resmon run -- python3 examples/train.py` tells what each of its phases used:

  load    reads its data set from a file that it has just written
  epoch   CPU work in worker processes, on top of a plateau of memory
  save    writes a checkpoint and waits until it is on the disk, within its epoch
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
import time

try:
    import resmon
except ImportError:
    # Not installed: as it stands in resmon's repository.
    sys.path.append(os.path.join(os.path.dirname(__file__), "..", "clients", "python", "src"))
    import resmon

MIB = 1024 * 1024
BATCHES = 20


@resmon.phase("load")
def load(folder, mib):
    """Writes a data set and reads it into memory, which stays until the end."""
    path = os.path.join(folder, "data.bin")
    block = os.urandom(MIB)
    with open(path, "wb") as file:
        for _ in range(mib):
            file.write(block)
    with open(path, "rb") as file:
        return bytearray(file.read())


def work(seconds):
    """Keeps one core busy; gives a checksum, so that the work is not for nothing."""
    end = time.monotonic() + seconds
    value = 1
    while time.monotonic() < end:
        for _ in range(10_000):
            value = (value * 6364136223846793005 + 1442695040888963407) % 2**64
    return value


def train(pool, batches, seconds, progress):
    """Every worker is busy with batches, until all are done."""
    checksum = 0
    for value in pool.imap_unordered(work, [seconds / BATCHES] * batches):
        checksum = (checksum + value) % 2**64
        progress.advance()
    return checksum


@resmon.phase("save")
def save(folder, epoch, mib):
    """Writes a checkpoint and waits for the disk."""
    with open(os.path.join(folder, f"checkpoint-{epoch}.bin"), "wb") as file:
        for _ in range(mib):
            file.write(os.urandom(MIB))
        file.flush()
        os.fsync(file.fileno())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0, help="CPU seconds of each worker in an epoch")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--data-mib", type=int, default=200)
    parser.add_argument("--checkpoint-mib", type=int, default=32)
    options = parser.parse_args()

    batches = options.workers * BATCHES
    with tempfile.TemporaryDirectory(prefix="resmon-example-") as folder:
        data = load(folder, options.data_mib)
        resmon.log("info", f"loaded {len(data) // MIB} MiB")
        progress = resmon.Progress(options.epochs * batches, "batches")
        with multiprocessing.Pool(options.workers) as pool, progress:
            for epoch in range(1, options.epochs + 1):
                with resmon.phase("epoch", number=epoch):
                    checksum = train(pool, batches, options.seconds, progress)
                    save(folder, epoch, options.checkpoint_mib)
                resmon.checkpoint("saved", epoch)
                resmon.log("info", f"epoch {epoch}: checksum {checksum:016x}")
                print(f"epoch {epoch}: {checksum:016x}")
        print(f"done, {len(data) // MIB} MiB of data in memory")


if __name__ == "__main__":
    main()
