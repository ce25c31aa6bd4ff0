#!/bin/sh
#SBATCH --job-name=pipeline --cpus-per-task=2
# A batch script that marks its timeline, some seconds of work: resmon run -- sh examples/pipeline.sh [ROWS]
# A line in $RESMON_MARKS costs no process. Without resmon around it the script runs as well, and marks nothing.
set -eu
: "${RESMON_MARKS:=/dev/null}"
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

echo "phase start generate" >> "$RESMON_MARKS"
awk -v rows="${1:-1500000}" 'BEGIN { srand(1); for (i = 0; i < rows; i++) print int(rand() * 1e9), i }' > "$folder/data"
echo "phase end generate" >> "$RESMON_MARKS"

echo "progress new folds 3 folds" >> "$RESMON_MARKS"
for fold in 1 2 3; do
  echo "phase start fold" >> "$RESMON_MARKS"
  awk -v fold="$fold" 'NR % 3 == fold - 1' "$folder/data" | sort -n > "$folder/fold-$fold"
  echo "phase end fold" >> "$RESMON_MARKS"
  echo "checkpoint fold $fold" >> "$RESMON_MARKS"
  echo "progress advance folds" >> "$RESMON_MARKS"
done
echo "progress done folds" >> "$RESMON_MARKS"

# A phase around one command; it tells by itself what the command used, too.
if command -v resmon > /dev/null; then time="resmon time --quiet --name compress --"; else time=; fi
$time gzip -9 "$folder/fold-1" "$folder/fold-2" "$folder/fold-3"

echo "log info compressed to $(cat "$folder"/*.gz | wc -c) bytes" >> "$RESMON_MARKS"
