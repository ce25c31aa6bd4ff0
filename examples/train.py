"""A small imitation of a training job: plain Python, no packages, about ten seconds.

Its phases can be told apart in the report of `resmon run -- python3 examples/train.py`:

  load    reads its data set from a file that it has just written
  train   epochs of CPU work in worker processes, on top of a plateau of memory
  save    writes checkpoints and waits until they are on the disk
"""

import argparse
import multiprocessing
import os
import tempfile
import time

MIB = 1024 * 1024


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


def train(pool, workers, seconds):
    """One epoch: every worker is busy, then all wait for each other."""
    return sum(pool.map(work, [seconds] * workers)) % 2**64


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

    with tempfile.TemporaryDirectory(prefix="resmon-example-") as folder:
        print(f"load: {options.data_mib} MiB")
        data = load(folder, options.data_mib)
        with multiprocessing.Pool(options.workers) as pool:
            for epoch in range(1, options.epochs + 1):
                checksum = train(pool, options.workers, options.seconds)
                print(f"epoch {epoch}: {checksum:016x}")
                save(folder, epoch, options.checkpoint_mib)
                print(f"saved checkpoint {epoch}")
                time.sleep(0.3)
        print(f"done, {len(data) // MIB} MiB of data in memory")


if __name__ == "__main__":
    main()
