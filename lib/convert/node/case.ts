import type { Blocker } from '../../documents/blocker.ts';
import type { Facts } from '../../documents/facts.ts';
import type { OsctlContainer } from '../../documents/osctl-container.ts';
import type { Report } from '../../documents/report.ts';
import type { WarningCode } from '../warning-codes.ts';
import { WARNINGS } from '../warning-codes.ts';
import type { BlockerCode } from './blocker-codes.ts';
import type { NodeIndex } from './node-index.ts';

/** What is said, where it is seen, and what to do about it. */
export type Said = Pick<Blocker, 'text' | 'evidence' | 'remedy'>;

/** A container that may come to a node. Rules look at it, and say what they find. */
export class NodeCase {
  readonly container: OsctlContainer;
  readonly node: NodeIndex;
  readonly blockers: Blocker[] = [];
  readonly warnings: Report['warnings'] = [];

  constructor(container: OsctlContainer, node: NodeIndex) {
    this.container = container;
    this.node = node;
  }

  /** Of the source; null: nothing was looked up there. */
  get facts(): Facts | null {
    return this.container.source.facts;
  }

  block(code: BlockerCode, said: Said): void {
    this.blockers.push({ code, ...said });
  }

  warn(code: WarningCode, said: Said): void {
    this.warnings.push({ code, line: null, severity: WARNINGS[code].severity, ...said });
  }

  /** The node did not say what it takes to decide about this container. */
  nodeUnknown(what: string, needed: string): void {
    const remedy = `look there as root, or run osctl-probe again`;
    this.warn('NODE_UNKNOWN', {
      text: `${what} of ${this.node.name} is not known`,
      evidence: needed,
      remedy,
    });
  }
}
