import type { ContainerYml } from '../documents/container-yml.ts';
import { containerYml } from '../documents/container-yml.ts';
import type { OsctlContainer } from '../documents/osctl-container.ts';
import type { VzConfig } from '../documents/vz-config.ts';
import { EXIT, VzError } from '../errors.ts';
import { attributeName, convertAttributes } from './attributes.ts';
import { convertAutostart } from './autostart.ts';
import { convertCapabilities } from './capabilities.ts';
import type { Context } from './context.ts';
import { convertCpu } from './cpu.ts';
import { FEATURE_NAMES } from './device-kinds.ts';
import { convertDevices } from './devices.ts';
import { convertDisk } from './disk.ts';
import { convertDistribution } from './distribution.ts';
import { convertFeatures } from './features.ts';
import { convertHostname, convertResolvers } from './identity.ts';
import { Ledger } from './ledger.ts';
import { warnOfLosses } from './losses.ts';
import { convertMemory } from './memory.ts';
import { convertNetwork } from './network.ts';
import { judgeOnNode } from './node/judge.ts';
import type { NodeIndex } from './node/node-index.ts';
import type { ConvertOptions } from './options.ts';
import { convertOpenFiles, convertProcesses } from './processes.ts';
import { convertSource } from './source.ts';
import { convertTarget, provenance } from './target.ts';

/**
 * Decides what a container becomes. Pure: the same document and options give the same result, anywhere, at any time.
 * Each item of the config is in exactly one list of the report. With a node it is also said what speaks against it there.
 *
 * Throws VzError BAD_RESULT (65) when osctld would not take the result.
 */
export function convertContainer(
  config: VzConfig,
  options: ConvertOptions,
  node: NodeIndex | null = null,
): OsctlContainer {
  const ledger = new Ledger(config);
  const context: Context = { config, options, ledger };
  const resolvers = convertResolvers(context);
  const features = convertFeatures(context);
  const devices = new Set([...convertDevices(context), ...features.devices]);
  convertCapabilities(context);
  const yml: ContainerYml = {
    ...convertDistribution(context),
    hostname: convertHostname(context),
    dns_resolvers: resolvers,
    net_interfaces: convertNetwork(context),
    cgparams: [...convertMemory(context), ...convertCpu(context), ...convertProcesses(context)],
    // The group gives the standard devices; an empty list does not take them away.
    devices: [],
    prlimits: convertOpenFiles(context),
    mounts: [],
    autostart: convertAutostart(context),
    nesting: features.nesting,
    attrs: {
      ...provenance(config.source.host, config.ctid),
      ...convertAttributes(context, { hasResolvers: resolvers !== null }),
      ...(options.clone ? { [attributeName('CLONE')]: 'yes' } : {}),
    },
  };
  const target = convertTarget(context);
  const source = convertSource(context);
  warnOfLosses(context);
  const followUps = [
    ...convertDisk(context, source.layout),
    // In one order, whatever the order of the config.
    ...FEATURE_NAMES.filter((device) => devices.has(device)).map(
      (device) => ({ do: 'device', device }) as const,
    ),
  ];
  const container: OsctlContainer = {
    kind: 'osctl-container',
    schema: 1,
    ctid: config.ctid,
    id: target.id,
    config: checkResult(yml, config.ctid),
    user: target.user,
    group: target.group,
    source,
    report: ledger.report(),
    followUps,
    node: null,
    blockers: [],
  };
  return node === null ? container : judgeOnNode(container, node, config.warnings.length);
}

/** osctld answers a wrong type with "internal error" once it has created things, so none may get there. */
function checkResult(yml: ContainerYml, ctid: string): ContainerYml {
  const { success, error } = containerYml.safeParse(yml);
  if (success) return yml;
  const [issue] = error.issues;
  throw new VzError('BAD_RESULT', {
    exit: EXIT.data,
    where: `ct ${ctid}`,
    what: `osctld would not take ${issue?.path.join('.') ?? 'the result'}: ${issue?.message ?? 'invalid'}`,
  });
}
