/**
 * What a container may do inside. `strict`: no capabilities, a read-only root, memory for what is temporary. `compatible`: Docker's default
 * capabilities without NET_RAW and a root that can be written, for ordinary images that need it. Both are isolated alike towards others.
 */
export const containerProfiles = ['strict', 'compatible'] as const;

export type ContainerProfile = (typeof containerProfiles)[number];
