// Before the first paint: the colours and the language that were chosen here, so that nothing flashes. And what the page will ask for is asked for now,
// beside its script.
(() => {
  const read = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const chosen = read('mantine-color-scheme-value');
  const isDark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', isDark ? 'dark' : 'light');
  const language = (read('berth-language') ?? navigator.language).startsWith('de') ? 'de' : 'en';
  document.documentElement.lang = language;

  const path = location.pathname;
  // The answers are taken by the first who asks the same (src/api/early-answers.ts).
  const [, face, key] = path.split('/');
  const site = face === 'my' && key ? `/v1/sites/${key}` : undefined;
  const asked = [
    ...(/^\/(?:my|ops)?(?:\/|$)/.test(path) ? ['/v1/me'] : []),
    ...(site ? [site] : []),
    ...(site && path.endsWith('/domain') ? [`${site}/domain`] : []),
  ];
  const options = { headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(30_000) };
  window.berthEarly = new Map(asked.map((address) => [address, fetch(address, options)]));
  for (const answer of window.berthEarly.values()) answer.catch(() => undefined);

  // After what is asked, which is small and takes a while to be answered. Put there when the page is built (build/first-files.ts).
  const first = JSON.parse(document.currentScript.dataset.first ?? '{"files":[],"pages":[],"languages":{}}');
  const page = first.pages.find(([pattern]) => new RegExp(pattern).test(path));
  for (const at of [...(page?.[1] ?? []), ...(first.languages[language] ?? [])]) {
    const file = first.files[at];
    const link = document.createElement('link');
    const isStyle = file.endsWith('.css');
    link.rel = isStyle ? 'preload' : 'modulepreload';
    if (isStyle) link.as = 'style';
    else link.fetchPriority = 'low';
    link.crossOrigin = '';
    link.href = `/${file}`;
    document.head.append(link);
  }
})();
