import type { CSSProperties } from 'react';

/** Outlines on a grid of 24 by 24, drawn with a stroke of two. */
const outlines = {
  alert:
    'M12 9v4M12 17h.01M10.300 4 2.500 17.500A2 2 0 0 0 4.200 20.500h15.600a2 2 0 0 0 1.700-3L13.700 4a2 2 0 0 0-3.400 0Z',
  anchor: 'M12 8v13M5 12H3a9 9 0 0 0 18 0h-2M9 12h6M12 8a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Z',
  bell: 'M6 9a6 6 0 0 1 12 0c0 6 2.500 7 2.500 7h-17S6 15 6 9M10 20a2.200 2.200 0 0 0 4 0',
  box: 'M12 3 4 7v10l8 4 8-4V7l-8-4ZM4 7l8 4 8-4M12 11v10',
  chart: 'M4 20V10M10 20V4M16 20v-8M21 20H3',
  check: 'M5 12.500 10 17.500 19.500 7',
  chevron: 'M9 5l7 7-7 7',
  chevronDown: 'M5 9l7 7 7-7',
  clock: 'M12 7v5l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z',
  cloud: 'M7 18.500a4.500 4.500 0 0 1-.5-9A6 6 0 0 1 18 9.500a4.500 4.500 0 0 1-.5 9H7Z',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  cross: 'M6 6l12 12M18 6 6 18',
  dot: 'M12 13a1 1 0 1 0 0-2 1 1 0 0 0 0 2Z',
  external: 'M14 4h6v6M20 4l-9 9M18 14v6H4V6h6',
  globe:
    'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM3 12h18M12 3c3 3 3.500 6 3.500 9S15 18 12 21c-3-3-3.500-6-3.500-9S9 6 12 3Z',
  hand: 'M7 12V6.500a1.500 1.500 0 0 1 3 0V11m0-6.500a1.500 1.500 0 0 1 3 0V11m0-5a1.500 1.500 0 0 1 3 0v6m0-3.500a1.500 1.500 0 0 1 3 0V14a7 7 0 0 1-7 7c-3 0-4.500-1.500-6-4l-2-3.500a1.500 1.500 0 0 1 2.500-1.700L7 13',
  home: 'M4 11 12 4l8 7M6 9.500V20h12V9.500M10 20v-6h4v6',
  key: 'M14.500 9.500 21 3M18 6l2.500 2.500M9 19.500a5 5 0 1 0 0-10 5 5 0 0 0 0 10Z',
  language: 'M4 5h9M8.500 3v2M11 5c-.5 4-3.500 7-7 8M6 9c1 2.500 3.500 4 6 4.500M12 21l4.500-10L21 21M13.500 18h6',
  list: 'M8 6h13M8 12h13M8 18h13M3.500 6h.01M3.500 12h.01M3.500 18h.01',
  logout: 'M15 4h4a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1h-4M10 16l-4-4 4-4M6 12h10',
  mail: 'M3 6h18v12H3zM3 7l9 6.500L21 7',
  menu: 'M4 7h16M4 12h16M4 17h16',
  moon: 'M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500Z',
  monitor: 'M3 4h18v12H3zM9 20h6M12 16v4',
  pause: 'M8 5v14M16 5v14',
  play: 'M7 4.500v15l12-7.500-12-7.500Z',
  printer: 'M7 8V3h10v5M7 17H4V8h16v9h-3M7 14h10v7H7z',
  question:
    'M9.200 9a3 3 0 1 1 4.300 2.700c-1 .5-1.500 1.200-1.500 2.300M12 17.500h.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z',
  restart: 'M20 11a8 8 0 1 0-.8 4.500M20 5v6h-6',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM20.500 20.500 16 16',
  send: 'M21 3 10 14M21 3l-7 18-4-7-7-4 18-7Z',
  server: 'M4 4h16v6H4zM4 14h16v6H4zM8 7h.01M8 17h.01',
  shield: 'M12 3 5 6v5c0 5 3 8 7 10 4-2 7-5 7-10V6l-7-3ZM9 12l2 2 4-4',
  spinner: 'M12 3a9 9 0 1 0 9 9',
  stethoscope: 'M6 3H4v6a4 4 0 0 0 8 0V3h-2M8 13v2a5 5 0 0 0 10 0v-2M18 13a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2v2M12 20v2M4.900 4.900l1.400 1.400M17.700 17.700l1.400 1.400M2 12h2M20 12h2M4.900 19.100l1.400-1.400M17.700 6.300l1.400-1.400',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.500 20.500a7.500 7.500 0 0 1 15 0',
  wrench:
    'M14.500 6.500a4 4 0 0 1 5-3.800l-2.500 2.500.500 2 2 .500 2.300-2.300a4 4 0 0 1-5.500 4.600L8 18.300A2 2 0 1 1 5.200 15.500l8.300-8.300Z',
} as const;

export type IconName = keyof typeof outlines;

/** A drawing beside a text that says the same; it's hidden from who doesn't see it. */
export function Icon({ name, size = 20, style }: { name: IconName; size?: number; style?: CSSProperties }) {
  return (
    <svg
      aria-hidden="true"
      focusable="false"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={2}
      strokeLinecap="round"
      strokeLinejoin="round"
      style={{ flex: 'none', ...style }}
    >
      <path d={outlines[name]} />
    </svg>
  );
}
