import { Menu, type MenuProps } from '@mantine/core';
import {
  cloneElement,
  type ReactElement,
  type ReactNode,
  type RefAttributes,
  useEffect,
  useRef,
  useState,
} from 'react';

interface Props extends Pick<MenuProps, 'position' | 'width'> {
  /** the button that it belongs to */
  target: ReactElement<RefAttributes<HTMLButtonElement>>;
  children: ReactNode;
}

/** A menu that opens as soon as it's there, since it was fetched when its button was pressed; the focus comes back to that button. */
export function OpenedMenu({ target, children, ...props }: Props) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    button.current?.focus();
    setOpen(true);
  }, []);
  return (
    <Menu opened={isOpen} onChange={setOpen} shadow="md" {...props}>
      <Menu.Target>{cloneElement(target, { ref: button })}</Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}
