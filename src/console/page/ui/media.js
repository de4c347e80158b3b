// Whether the page is narrow, as in app.css.

import { useEffect, useState } from '../lib/html.js';

const narrow = matchMedia('(max-width: 640px)');

export function useNarrow() {
  const [is, set] = useState(narrow.matches);
  useEffect(() => {
    const listen = () => set(narrow.matches);
    narrow.addEventListener('change', listen);
    return () => narrow.removeEventListener('change', listen);
  }, []);
  return is;
}
