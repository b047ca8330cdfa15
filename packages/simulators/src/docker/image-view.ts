import { noTime } from './engine-time.ts';
import type { LocalImage } from './image-store.ts';
import type { Json } from './json.ts';

const tagsOf = ({ references }: LocalImage): string[] => references.filter((name) => !name.includes('@'));
const digestsOf = ({ references }: LocalImage): string[] => references.filter((name) => name.includes('@'));

/** The image as `GET /images/{name}/json` answers it. */
export function toImageInspect(image: LocalImage): Json {
  return {
    Id: image.id,
    RepoTags: tagsOf(image),
    RepoDigests: digestsOf(image),
    Parent: '',
    Comment: '',
    Created: '2026-01-01T00:00:00Z',
    DockerVersion: '20.10.24',
    Config: {
      Env: ['PATH=/usr/local/bin:/usr/bin:/bin'],
      Cmd: ['/app/server'],
      ExposedPorts: { [`${image.behaviour.port ?? 3000}/tcp`]: {} },
      Labels: null,
    },
    Architecture: 'amd64',
    Os: 'linux',
    Size: 12_000_000,
    VirtualSize: 12_000_000,
    RootFS: { Type: 'layers', Layers: [image.digest] },
    Metadata: { LastTagTime: noTime },
  };
}

/** The image as `GET /images/json` lists it, where no names of a kind are null. */
export function toImageSummary(image: LocalImage): Json {
  const [tags, digests] = [tagsOf(image), digestsOf(image)];
  return {
    Id: image.id,
    ParentId: '',
    RepoTags: tags.length > 0 ? tags : null,
    RepoDigests: digests.length > 0 ? digests : null,
    Created: 1_767_225_600,
    Size: 12_000_000,
    SharedSize: -1,
    VirtualSize: 12_000_000,
    Labels: null,
    Containers: -1,
  };
}
