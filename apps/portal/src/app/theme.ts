import {
  type CSSVariablesResolver,
  createTheme,
  type MantineColorsTuple,
  type MantineThemeOverride,
  rem,
} from '@mantine/core';

/** The harbour's teal. From the sixth shade on white on it, and it on white, have a contrast of 4.5 and more. */
const harbour: MantineColorsTuple = [
  '#e8f6f8',
  '#d3ebef',
  '#a5d6de',
  '#74c0cd',
  '#45a5b5',
  '#1f8496',
  '#0f7082',
  '#0b5c6b',
  '#084a57',
  '#05363f',
];

/** The night's greys have the harbour's tint too. */
const dark: MantineColorsTuple = [
  '#dfe5ea',
  '#c3ccd3',
  '#97a3ad',
  '#6b7883',
  '#46525c',
  '#2f3840',
  '#232b32',
  '#1a2127',
  '#161c21',
  '#12171b',
];

const onCard = { background: 'var(--berth-card)' };

/** At least this high is what a finger has to hit. */
const TOUCH = rem(44);

const theme = createTheme({
  primaryColor: 'harbour',
  primaryShade: { light: 7, dark: 6 },
  colors: { harbour, dark },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily:
    'Inter, "Segoe UI Variable Text", "Segoe UI", system-ui, -apple-system, Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: {
    fontWeight: '650',
    sizes: {
      h1: { fontSize: rem(26), lineHeight: '1.25' },
      h2: { fontSize: rem(19), lineHeight: '1.35' },
      h3: { fontSize: rem(16), lineHeight: '1.4' },
    },
  },
  components: {
    Button: { styles: { root: { minHeight: TOUCH } } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: TOUCH } },
    TextInput: { styles: { input: { minHeight: TOUCH } } },
    PasswordInput: { styles: { input: { minHeight: TOUCH } } },
    Select: { styles: { input: { minHeight: TOUCH } } },
    NativeSelect: { styles: { input: { minHeight: TOUCH } } },
  },
});

/** The theme for who reads a language. @param closeLabel what the button says that closes what opens over a page */
export function themeFor(closeLabel: string): MantineThemeOverride {
  const dialog = {
    styles: { content: onCard, header: onCard },
    defaultProps: { closeButtonProps: { 'aria-label': closeLabel } },
  };
  return { ...theme, components: { ...theme.components, Modal: dialog, Drawer: dialog } };
}

const both = {
  '--mantine-color-dimmed': 'var(--berth-dimmed)',
  '--mantine-color-default-border': 'var(--berth-line)',
  '--mantine-color-error': 'var(--berth-red-fg)',
  '--mantine-color-body': 'var(--berth-page)',
};

/** The library's own colours, where theirs have too little contrast, or another tint than ours. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...both,
    '--mantine-color-text': '#182026',
    '--mantine-color-anchor': '#0b5c6b',
    '--mantine-color-placeholder': '#66727c',
  },
  dark: {
    ...both,
    '--mantine-color-text': '#dfe5ea',
    '--mantine-color-anchor': '#7fd0dd',
    '--mantine-color-placeholder': '#97a3ad',
    '--mantine-color-default': '#232b32',
    '--mantine-color-default-hover': '#2c353d',
  },
});
