// A list that renders only the visible rows, for tens of thousands of them.

import { html, useEffect, useLayoutEffect, useRef, useState } from '../lib/html.js';

const OVERSCAN = 8;

/**
 * `count` rows of equal height; `row(index)` returns { key, content, tone, disabled }. `added` counts rows that were
 * inserted at the top so far: the reader's position is kept when it isn't the top. `onSelect(index, step)` gets the
 * direction, 1 or -1, of a movement by key.
 */
export function List({ label, count, height, row, selected, onSelect, onOpen, added = 0 }) {
  const box = useRef();
  const before = useRef(added);
  const [view, setView] = useState({ top: 0, size: 800 });
  const measure = () => box.current && setView({ top: box.current.scrollTop, size: box.current.clientHeight });
  useEffect(() => {
    const observer = new ResizeObserver(measure);
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const more = added - before.current;
    before.current = added;
    if (more > 0 && box.current.scrollTop > 0) {
      box.current.scrollTop += more * height;
      measure();
    }
  }, [added]);
  const reveal = (index) => {
    const { scrollTop, clientHeight } = box.current;
    if (index * height < scrollTop) box.current.scrollTop = index * height;
    else if ((index + 1) * height > scrollTop + clientHeight) box.current.scrollTop = (index + 1) * height - clientHeight;
  };
  // Only a new selection scrolls; new rows don't.
  const selectedKey = selected >= 0 && selected < count ? row(selected).key : null;
  useEffect(() => {
    if (selectedKey !== null) reveal(selected);
  }, [selectedKey]);
  const onKeyDown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(view.size / height) - 1);
    const next = {
      ArrowDown: selected + 1,
      ArrowUp: selected - 1,
      PageDown: selected + page,
      PageUp: selected - page,
      Home: 0,
      End: count - 1,
    }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      const step = event.key === 'Home' || (event.key !== 'End' && next > selected) ? 1 : -1;
      if (count) onSelect(Math.max(0, Math.min(count - 1, next)), step);
    } else if (event.key === 'Enter' && selected >= 0) onOpen?.(selected);
  };
  const first = Math.max(0, Math.floor(view.top / height) - OVERSCAN);
  const last = Math.min(count, Math.ceil((view.top + view.size) / height) + OVERSCAN);
  // Elements are reused by rows that leave the view at one end, for those that enter it at the other. Counting from the
  // oldest row keeps them stable when new ones come.
  const slots = Math.ceil(view.size / height) + 2 * OVERSCAN + 2;
  const rows = [];
  for (let index = first; index < last; index++) {
    const { key, content, tone = '', disabled } = row(index);
    rows.push(
      html`<div
        key=${(count - 1 - index) % slots}
        id=${`row-${key}`}
        role="option"
        class=${`row ${tone}`}
        aria-selected=${index === selected}
        aria-disabled=${disabled}
        aria-setsize=${count}
        aria-posinset=${index + 1}
        style=${{ transform: `translateY(${index * height}px)`, height: `${height}px` }}
        onClick=${() => {
          onSelect(index);
          onOpen?.(index);
        }}
      >
        ${content}
      </div>`,
    );
  }
  // The active row is always rendered, as it is in view after each selection.
  const active = selected >= first && selected < last ? `row-${selectedKey}` : undefined;
  return html`<div
    class="list"
    ref=${box}
    role="listbox"
    tabindex="0"
    aria-label=${label}
    aria-activedescendant=${active}
    data-list
    onScroll=${measure}
    onKeyDown=${onKeyDown}
  >
    <div class="rows" role="presentation" style=${{ height: `${count * height}px` }}>${rows}</div>
  </div>`;
}
