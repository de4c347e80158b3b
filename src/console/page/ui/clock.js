// The sandbox's clock, without asking the server again and again.

import { useEffect, useState } from '../lib/html.js';

/** The time now: that of the response, plus what has passed since. Renders again every `interval` milliseconds. */
export function useNow(data, interval) {
  const [, tick] = useState(0);
  const [base, setBase] = useState({ data: null, at: 0 });
  if (data !== base.data) setBase({ data, at: performance.now() });
  useEffect(() => {
    const timer = data && !data.frozen && setInterval(() => tick((count) => count + 1), interval);
    return () => clearInterval(timer);
  }, [data]);
  if (!data) return null;
  const passed = data.frozen || base.data !== data ? 0 : (performance.now() - base.at) * (data.speed ?? 1);
  return new Date(Date.parse(data.now) + passed).toISOString();
}
