import type { NodeCase } from './case.ts';
import { releaseOf } from './releases.ts';

/** Whether the guest's programs run on the node's kernel, and its init with the node's cgroups. */
export function judgeGuest(judged: NodeCase): void {
  judgeCgroups(judged);
  judgeVsyscall(judged);
  judgeIa32(judged);
}

/** systemd takes the unified hierarchy since about 230; other inits mount what they know, or nothing. */
function judgeCgroups(judged: NodeCase): void {
  const { container, node, facts } = judged;
  const { distribution, version } = container.config;
  const { init = null, systemd: installed = null } = facts?.guest ?? {};
  const release = releaseOf(distribution, version);
  const kind =
    init === null ? release.systemd : init !== 'systemd' ? 'none' : (kindOf(installed) ?? release.systemd);
  const guest =
    installed === null || init !== 'systemd' ? nameOf(judged) : `systemd ${installed} in the root filesystem`;
  const isOld = kind === 'old';
  const { cgroupVersion } = node.document;
  if (cgroupVersion === null) {
    if (isOld || kind === 'none') judged.nodeUnknown('the cgroup version', `${guest}, which needs version 1`);
    return;
  }
  if (cgroupVersion === 1) return;
  const evidence = `${guest}; /run/osctl/cgroup.version of ${node.name} says 2`;
  if (isOld) {
    judged.block('CGROUP_V2', {
      text: 'its systemd cannot mount the cgroup hierarchy of the node, and stops at boot',
      evidence,
      remedy:
        'boot the node with osctl.cgroupv=1 on its kernel command line, choose another node, or upgrade the guest',
    });
  } else if (kind === 'none') {
    judged.warn('CGROUP_V2_INIT', {
      text: 'its init is not systemd, and scripts of it that mount cgroups of version 1 fail',
      evidence,
      remedy: 'leave out or replace what mounts cgroups in the guest, such as cgroup-lite or cgconfig',
    });
  } else if (kind === null) {
    judged.warn('GUEST_UNKNOWN', {
      text: 'its init and the version of its systemd are not known; one older than 230 does not start on the node',
      evidence,
      remedy: 'look into the guest: systemctl --version',
    });
  }
}

function kindOf(installed: number | null): 'old' | 'new' | null {
  return installed === null ? null : installed < UNIFIED_SYSTEMD ? 'old' : 'new';
}

/** Programs of a glibc before 2.15 call time(2) and gettimeofday(2) at a fixed address. Those of 32 bits do not. */
function judgeVsyscall(judged: NodeCase): void {
  const { container, node, facts } = judged;
  const { distribution, version, arch } = container.config;
  if (arch !== 'x86_64') return;
  const glibc = facts?.guest.glibc ?? null;
  const isOld = glibc === null ? releaseOf(distribution, version).hasOldGlibc : isBefore(glibc, VDSO_GLIBC);
  if (!isOld) return;
  const guest = glibc === null ? nameOf(judged) : `glibc ${glibc} in the root filesystem`;
  const { vsyscall, commandLine } = node.document.kernel;
  if (vsyscall === null)
    judged.nodeUnknown("the kernel's vsyscall mode", `${guest}, which needs xonly or emulate`);
  if (vsyscall !== 'none') return;
  const given = /\bvsyscall=none\b/.test(commandLine ?? '')
    ? 'has vsyscall=none on its command line'
    : 'has no vsyscall page';
  judged.block('VSYSCALL', {
    text: 'its init, or any program, dies with SIGSEGV on a kernel without vsyscall',
    evidence: `${guest}; the kernel of ${node.name} ${given}`,
    remedy:
      'boot the node with vsyscall=xonly or vsyscall=emulate, choose another node, or upgrade the guest',
  });
}

function judgeIa32(judged: NodeCase): void {
  const { container, node, facts } = judged;
  if (container.config.arch !== 'x86') return;
  const { architectures } = node.document;
  const seen =
    facts?.guest.elfClass === 32
      ? 'its init is a program of 32 bits'
      : `its arch is ${container.config.arch}`;
  if (architectures === null) judged.nodeUnknown('what programs its kernel runs', seen);
  if (architectures === null || architectures.includes('x86')) return;
  judged.block('NO_IA32', {
    text: 'its programs cannot be executed there',
    evidence: `${seen}; the kernel of ${node.name} runs ${architectures.join(', ')} only`,
    remedy: 'choose a node whose kernel has IA32 emulation, or take ia32_emulation=0 off its command line',
  });
}

function nameOf({ container: { config } }: NodeCase): string {
  return `${config.distribution} ${config.version}`;
}

/** Whether a version such as 2.9 comes before another: number by number. */
function isBefore(version: string, other: readonly number[]): boolean {
  const numbers = version.split('.').map(Number);
  const place = other.findIndex((number, index) => (numbers[index] ?? 0) !== number);
  return place !== -1 && (numbers[place] ?? 0) < (other[place] ?? 0);
}

const UNIFIED_SYSTEMD = 230;
const VDSO_GLIBC = [2, 15] as const;
