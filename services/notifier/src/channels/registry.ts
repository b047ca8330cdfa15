import type { ChannelKind } from '@berth/contract/delivery';
import type { Channel } from './channel.ts';

/** All the ways by which something is told. */
export type Channels = { [Kind in ChannelKind]: Channel };
