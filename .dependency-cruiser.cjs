/** The layers, as a failing check. Each rule's comment says what would break without it. */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'Parts that need each other can be neither tested nor replaced alone.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      comment: 'Rules must run in the hub, in a child process, in a test and in the interface alike.',
      from: { path: '^core/domain' },
      to: { path: '^core/(?!domain|base)' },
    },
    {
      name: 'base-knows-nothing',
      severity: 'error',
      comment: 'Everything stands on base; it can stand on nothing of ours.',
      from: { path: '^core/base' },
      to: { path: '^core/(?!base)' },
    },
    {
      name: 'contract-has-no-io',
      severity: 'error',
      comment: 'The renderer imports the contract: it may bring no Node code with it.',
      from: { path: '^core/api' },
      to: { path: '^core/(?!api|domain|base)' },
    },
    {
      name: 'parts-meet-through-ports',
      severity: 'error',
      comment:
        'A part of core knows domain and base only; the composition roots (app, main, workers) join the parts, and the analyser, where decoding meets seeing.',
      from: { path: '^core/(media|detect|store|cameras|server|demo|supervise)/' },
      to: { path: '^core/(media|detect|store|cameras|server|demo|analyser|supervise)/', pathNot: '^core/$1/' },
    },
    {
      name: 'hub-services-take-their-neighbours',
      severity: 'error',
      comment:
        'What runs in the hub is handed its parts by app.ts: it may know the types of cameras and server, no codec, no store.',
      from: { path: '^core/hub/' },
      to: { path: '^core/(media|detect|store|demo|analyser)/' },
    },
    {
      name: 'core-has-no-window',
      severity: 'error',
      comment: 'The hub runs headless: no Electron, no React, nothing of the interface.',
      from: { path: '^core' },
      to: { path: '^(electron|renderer)|node_modules/(electron|react|react-dom)/' },
    },
    {
      name: 'renderer-sees-the-contract-only',
      severity: 'error',
      comment: 'The interface talks to the hub through the API, the same in a browser and in Electron.',
      from: { path: '^renderer' },
      to: { path: '^core/(?!api|domain)' },
    },
    {
      name: 'codecs-in-one-place',
      severity: 'error',
      comment: 'libav must stay replaceable and out of the hub and the recorder.',
      from: { path: '^(core|renderer)', pathNot: '^core/media/codec/' },
      to: { path: 'node_modules/(node-av|@seydx)/' },
    },
    {
      name: 'one-database-writer',
      severity: 'error',
      comment: 'Only the store speaks SQL.',
      from: { path: '^core', pathNot: '^core/store/' },
      to: { path: 'node_modules/better-sqlite3/' },
    },
    {
      name: 'inference-in-one-place',
      severity: 'error',
      comment: 'session.run() blocks: it may only live in the detector process.',
      from: { path: '^core', pathNot: '^core/detect/' },
      to: { path: 'node_modules/onnxruntime-' },
    },
    {
      name: 'recorder-has-no-native-code',
      severity: 'error',
      comment: 'The record path is memory-safe TypeScript: a hostile camera can at worst throw.',
      from: { path: '^core/(media/(rtsp|mp4|recorder)|workers/recorder)' },
      to: { path: '^core/(media/codec|detect|store|analyser)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.core.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
