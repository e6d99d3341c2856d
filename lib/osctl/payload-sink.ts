import type { SendStream } from './send-stream.ts';

/** Somebody who takes the payloads of an archive on while it is verified. Errors of all three pass through the verification. */
export interface PayloadSink {
  /** Gets each chunk of a payload behind its check; `stream`: what is known of a send stream so far. */
  readonly take: (name: string, chunk: Buffer, stream: SendStream | null) => Promise<void>;
  /** All of a send stream was checked. */
  readonly streamEnded: (stream: SendStream) => Promise<void>;
  /** A member that is neither a payload nor one of the small files that osctld reads. */
  readonly other: (name: string) => void;
}

/** Thrown by a sink when the check has found what makes all that follows worthless: the check's own report says what. */
export class ReadNoFurther extends Error {}
