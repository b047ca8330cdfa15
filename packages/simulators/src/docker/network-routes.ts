import { toNetworkInspect } from './container-view.ts';
import { matchesAny, matchesLabels, matchesName, parseFilters } from './filters.ts';
import { type Answer, type Call, empty, json, type Route } from './route.ts';

function list({ engine, query }: Call): Answer {
  const filters = parseFilters(query.get('filters'), ['driver', 'id', 'label', 'name', 'scope', 'type', 'dangling']);
  const found = engine.networks
    .list()
    .filter(
      (network) =>
        matchesLabels(filters, network.labels) &&
        matchesAny(filters, 'name', (name) => matchesName(name, network.name)) &&
        matchesAny(filters, 'id', (id) => network.id.startsWith(id)) &&
        matchesAny(filters, 'driver', (driver) => driver === network.driver),
    );
  return json(found.map((network) => toNetworkInspect(network, undefined)));
}

/** `onChange` is called after a network was made or removed. */
export function makeNetworkRoutes(onChange: () => void): Route[] {
  return [
    { method: 'GET', pattern: /^\/networks$/, answer: list },
    {
      method: 'POST',
      pattern: /^\/networks\/create$/,
      answer: ({ engine, body }) => {
        const network = engine.networks.create(body);
        engine.events.emit({
          type: 'network',
          action: 'create',
          id: network.id,
          attributes: { name: network.name, type: network.driver },
        });
        onChange();
        return json({ Id: network.id, Warning: '' }, 201);
      },
    },
    {
      method: 'GET',
      pattern: /^\/networks\/([^/]+)$/,
      answer: ({ engine, name }) => {
        const network = engine.networks.get(name);
        return json(toNetworkInspect(network, engine.uses(network)));
      },
    },
    {
      method: 'DELETE',
      pattern: /^\/networks\/([^/]+)$/,
      answer: ({ engine, name }) => {
        const network = engine.networks.get(name);
        engine.networks.remove(network, engine.uses(network).length > 0);
        engine.events.emit({
          type: 'network',
          action: 'destroy',
          id: network.id,
          attributes: { name: network.name, type: network.driver },
        });
        onChange();
        return empty();
      },
    },
  ];
}
