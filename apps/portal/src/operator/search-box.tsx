import { NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../parts/icon.tsx';
import { states } from './searches.ts';

const TYPING_MS = 200;

interface SearchBoxProps {
  label: string;
  className: string | undefined;
  /** what is looked for; where it comes to be nothing without having been typed, the box is emptied */
  value: string | undefined;
  /** told once typing pauses; empty: everything */
  onSearch(text: string): void;
}

/** Looks for a text while it's typed. */
export function SearchBox({ label, className, value, onSearch }: SearchBoxProps) {
  const [text, setText] = useState(value ?? '');
  const told = useRef(text);
  const look = useDebouncedCallback((wanted: string) => {
    told.current = wanted;
    onSearch(wanted);
  }, TYPING_MS);
  useEffect(() => {
    if (value !== undefined || told.current === '') return;
    told.current = '';
    look.cancel();
    setText('');
  }, [value, look]);
  return (
    <TextInput
      className={className}
      aria-label={label}
      placeholder={label}
      leftSection={<Icon name="search" size={18} />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        look(event.currentTarget.value.trim());
      }}
    />
  );
}

type State = (typeof states)[number];

/** The state of sites that are looked for, or all. */
export function StateSelect({
  value,
  onSelect,
}: {
  value: State | undefined;
  onSelect(state: State | undefined): void;
}) {
  const { t } = useTranslation();
  return (
    <NativeSelect
      aria-label={t('operator.sites.state')}
      value={value ?? ''}
      data={[
        { value: '', label: t('operator.sites.all') },
        ...states.map((one) => ({ value: one, label: t(`operator.state.${one}`) })),
      ]}
      onChange={(event) => onSelect(states.find((one) => one === event.currentTarget.value))}
    />
  );
}
