import { Button, Stack, TextInput } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { Refusal } from '../parts/refusal.tsx';

interface FormProps {
  /** what is asked of the API when the form is sent */
  asks: { mutate: () => void; isPending: boolean; error: unknown };
  button: string;
  children: ReactNode;
  /** below the button */
  below?: ReactNode;
}

/** Fields, why the last try was refused, and the button that sends them. */
export function SignInForm({ asks, button, children, below }: FormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    asks.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {children}
        <Refusal error={asks.error} />
        <Button type="submit" loading={asks.isPending} fullWidth>
          {button}
        </Button>
        {below}
      </Stack>
    </form>
  );
}

interface CodeProps {
  label: string;
  description?: string;
  value: string;
  onChange(value: string): void;
  autoFocus?: boolean;
}

/** Six digits, which a phone offers to fill in. */
export function CodeField({ label, description, value, onChange, autoFocus = false }: CodeProps) {
  return (
    <TextInput
      name="code"
      inputMode="numeric"
      autoComplete="one-time-code"
      pattern="\d{6}"
      maxLength={6}
      required
      autoFocus={autoFocus}
      label={label}
      description={description}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value.replaceAll(/\D/g, ''))}
    />
  );
}
