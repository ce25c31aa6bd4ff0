/** Unix seconds as the clock on the wall shows them: `2026-11-20 09:40:58`. */
export function formatLocalTime(time: number): string {
  const date = new Date(time * 1000);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(twoDigits).join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(":")}`;
}

function twoDigits(number: number): string {
  return `${number}`.padStart(2, "0");
}
