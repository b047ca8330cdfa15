import { Group, Text } from '@mantine/core';

export function Logo({ label }: { label: string }) {
  return (
    <Group gap={10} wrap="nowrap">
      <svg viewBox="0 0 32 32" width={32} height={32} aria-hidden="true" focusable="false">
        <rect width="32" height="32" rx="8" fill="#0b5c6b" />
        <path
          d="M16 7v17M10 11.500h12M7 18.500c1 4 4.500 6 9 6s8-2 9-6"
          fill="none"
          stroke="#fff"
          strokeWidth="2.600"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
      <Text fw={700} fz={19} component="span">
        {label}
      </Text>
    </Group>
  );
}
