import type { CgroupParameter } from '../documents/container-yml.ts';

/**
 * Limits in bytes as `osctl ct set memory-limit` writes them (osctl's cgroup_params.rb); null leaves swap without
 * one. On version 1 memsw counts both, and the kernel refuses it while it is below limit_in_bytes: so it comes last.
 */
export function memoryParameters(memory: bigint, swap: bigint | null): CgroupParameter[] {
  const parameter = (version: 1 | 2, name: string, bytes: bigint): CgroupParameter => ({
    version,
    subsystem: 'memory',
    name,
    value: [Number(bytes)],
  });
  return [
    parameter(2, 'memory.max', memory),
    ...(swap === null ? [] : [parameter(2, 'memory.swap.max', swap)]),
    parameter(1, 'memory.limit_in_bytes', memory),
    ...(swap === null ? [] : [parameter(1, 'memory.memsw.limit_in_bytes', memory + swap)]),
  ];
}
