import { useTranslation } from 'react-i18next';
import { Facts } from '../parts/section.tsx';
import classes from './protection.module.css';
import { partsOf, sayPart } from './words.ts';

/** What protects a site, in words: each part with what it lets who do. */
export function PartWords({ of }: { of: Parameters<typeof partsOf>[0] }) {
  const { t } = useTranslation();
  return (
    <Facts
      facts={partsOf(of).map((part) => [
        t(`protection.part.${part}`),
        <Sentences key={part} part={part} value={of[part]} />,
      ])}
    />
  );
}

/** What one part lets who do. */
export function Sentences({ part, value }: { part: Parameters<typeof sayPart>[1]; value: unknown }) {
  const { t, i18n } = useTranslation();
  const [only, ...more] = sayPart({ t, language: i18n.language }, part, value);
  if (more.length === 0) return only;
  return (
    <ul className={classes.sentences}>
      {[only, ...more].map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}
