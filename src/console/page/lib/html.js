// Templates and hooks. Text is always inserted as text: nothing in this page sets HTML.

import { cloneElement, h, render } from '../vendor/preact.mjs';
import htm from '../vendor/htm.mjs';

export { cloneElement, render };
export {
  useCallback,
  useEffect,
  useErrorBoundary,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from '../vendor/hooks.mjs';
export const html = htm.bind(h);
