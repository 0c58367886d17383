import type { ModelFacts } from './facts.ts'
import { always, anything, coding, deep, deepAlways, ecologits, graded, least, likeLast, likePeers, modelsOf, never, published, switched, translating } from './table/row.ts'

// One model a line. Prices are in table/prices.ts, which a script writes (table/generate.ts). Sizes are
// their makers' or of mlco2/ecologits (MPL-2.0, models of 2026-03-13), as are the paces; contexts are
// their makers' or of models.dev (MIT, July 2026). EcoLogits has the sizes of their predecessors for
// Mistral's Large 3 and Small 4: here they are as Mistral published them.

const openai = modelsOf('openai', [
  { id: 'gpt-6-astra', context: 1_050_000, size: likePeers([67, 600], [670, 2_000]), takes: deepAlways, for: anything, tier: 'max', arena: 1477 },
  { id: 'gpt-6-sol', context: 1_050_000, size: likeLast([42, 150], [420, 450]), takes: deep, for: anything, tier: 'max', arena: 1457 },
  { id: 'gpt-6-luna', context: 1_050_000, size: likeLast([5, 70]), takes: deep, for: anything, tier: 'eco', arena: 1443 },
  { id: 'gpt-5.6-sol', context: 1_050_000, size: likeLast([45, 150], [450, 450]), takes: deep, for: anything, tier: 'max', arena: 1484 },
  { id: 'gpt-5.6-terra', context: 1_050_000, size: likeLast([42, 126], [420, 420]), takes: deep, for: anything, tier: 'max', arena: 1465 },
  { id: 'gpt-5.6-luna', context: 1_050_000, size: likeLast([5, 70]), takes: deep, for: anything, tier: 'eco', arena: 1453 },
  { id: 'gpt-5.5', context: 1_050_000, size: likeLast([45, 150], [450, 450]), takes: deep, for: anything, tier: 'max', arena: 1477 },
  { id: 'gpt-5.5-pro', context: 1_050_000, size: likeLast([540, 1_800], [5_400, 5_400]), takes: ['medium', 'high', 'xhigh'], for: anything, tier: 'max' },
  { id: 'gpt-5.4', aka: ['gpt-5.4-2026-03-05'], context: 1_050_000, size: ecologits([45, 150], 450), takes: deep, for: anything, tier: 'max', arena: 1465, pace: [42.2, 1.27] },
  { id: 'gpt-5.4-mini', context: 400_000, size: likeLast([25, 70]), takes: deep, for: anything, tier: 'standard', arena: 1447 },
  { id: 'gpt-5.4-nano', context: 400_000, size: likeLast([5, 18.5]), takes: deep, for: anything, tier: 'eco', arena: 1401 },
  { id: 'gpt-5.4-pro', aka: ['gpt-5.4-pro-2026-03-05'], context: 1_050_000, size: ecologits([540, 1_800], 5_400), takes: ['medium', 'high', 'xhigh'], for: anything, tier: 'max', pace: [7.8, 116.74] },
  { id: 'gpt-5.3-codex', context: 400_000, size: ecologits([42, 126], 420), takes: deepAlways, for: coding, tier: 'max', pace: [47.6, 4.08] },
  { id: 'gpt-5.2', aka: ['gpt-5.2-2025-12-11'], context: 400_000, size: ecologits([42, 126], 420), takes: deep, for: anything, tier: 'max', arena: 1436, pace: [40.9, 3.7] },
  { id: 'gpt-5.1', aka: ['gpt-5.1-2025-11-13'], context: 400_000, size: ecologits([30, 90], 300), takes: graded, for: anything, tier: 'max', arena: 1439, pace: [50.4, 5.18] },
  { id: 'gpt-5.1-codex-mini', context: 400_000, size: ecologits([25, 70]), takes: always, for: coding, tier: 'standard', pace: [90.5, 2.56] },
  { id: 'gpt-5', aka: ['gpt-5-2025-08-07'], context: 400_000, size: ecologits([30, 90], 300), takes: least, for: anything, tier: 'max', arena: 1435, pace: [44.9, 9.8] },
  { id: 'gpt-5-mini', aka: ['gpt-5-mini-2025-08-07'], context: 400_000, size: ecologits([25, 70]), takes: least, for: anything, tier: 'standard', arena: 1390, pace: [57, 7.98] },
  { id: 'gpt-5-nano', aka: ['gpt-5-nano-2025-08-07'], context: 400_000, size: ecologits([5, 18.5]), takes: least, for: anything, tier: 'eco', arena: 1338, pace: [91.6, 4.45] },
  { id: 'gpt-5-pro', context: 400_000, size: ecologits([360, 1_080], 3_600), takes: ['high'], for: anything, tier: 'max', pace: [11.8, 61.71] },
  { id: 'gpt-4.1', aka: ['gpt-4.1-2025-04-14'], context: 1_047_576, size: ecologits([35, 106], 352), takes: never, for: anything, tier: 'max', arena: 1415, pace: [40, 0.79] },
  { id: 'gpt-4.1-mini', aka: ['gpt-4.1-mini-2025-04-14'], context: 1_047_576, size: ecologits([40, 112]), takes: never, for: anything, tier: 'standard', arena: 1383, pace: [36.2, 0.62] },
  { id: 'gpt-4.1-nano', aka: ['gpt-4.1-nano-2025-04-14'], context: 1_047_576, size: ecologits([10, 37]), takes: never, for: anything, tier: 'eco', arena: 1322, pace: [53.9, 0.55] },
  { id: 'gpt-4o', aka: ['gpt-4o-2024-08-06', 'gpt-4o-2024-11-20'], context: 128_000, size: ecologits([44, 132], 440), takes: never, for: anything, tier: 'max', arena: 1336, pace: [37.8, 0.52] },
  { id: 'gpt-4o-mini', aka: ['gpt-4o-mini-2024-07-18'], context: 128_000, size: ecologits([8, 28]), takes: never, for: anything, tier: 'eco', arena: 1318, pace: [36.8, 0.49] },
  { id: 'o3', aka: ['o3-2025-04-16'], context: 200_000, size: likePeers([44, 132], [440, 440]), takes: always, for: anything, tier: 'max', arena: 1432 },
  { id: 'o3-mini', aka: ['o3-mini-2025-01-31'], context: 200_000, size: ecologits([8, 28]), takes: always, tier: 'max', arena: 1348, pace: [231.4, 6.48] },
  { id: 'o4-mini', aka: ['o4-mini-2025-04-16'], context: 200_000, size: ecologits([8, 28]), takes: always, for: anything, tier: 'max', arena: 1391, pace: [91.8, 6.12] },
  { id: 'o1', aka: ['o1-2024-12-17'], context: 200_000, size: ecologits([44, 132], 440), takes: always, for: anything, tier: 'max', arena: 1402, pace: [126.7, 6.19] },
  { id: 'gpt-oss-120b', context: 131_072, size: published(5.1, 116.8), takes: always, tier: 'standard', arena: 1352 },
  { id: 'gpt-oss-20b', aka: ['gpt-oss'], context: 131_072, size: published(3.6, 20.9), takes: always, tier: 'eco', arena: 1318 },
])

const anthropic = modelsOf('anthropic', [
  { id: 'claude-fable-5-1', context: 1_000_000, size: likePeers([67, 600], [670, 2_000]), takes: deepAlways, for: anything, tier: 'max', arena: 1501 },
  { id: 'claude-fable-5', context: 1_000_000, size: likePeers([67, 600], [670, 2_000]), takes: deepAlways, for: anything, tier: 'max', arena: 1504 },
  { id: 'claude-opus-5-5', context: 1_000_000, size: likeLast([67, 200], [670, 670]), takes: deep, for: anything, tier: 'max', arena: 1504 },
  { id: 'claude-opus-5', context: 1_000_000, size: likeLast([67, 200], [670, 670]), takes: deep, for: anything, tier: 'max', arena: 1490 },
  { id: 'claude-opus-4-8', context: 1_000_000, size: likeLast([67, 200], [670, 670]), takes: deep, for: anything, tier: 'max', arena: 1475 },
  { id: 'claude-opus-4-7', context: 1_000_000, size: likeLast([67, 200], [670, 670]), takes: deep, for: anything, tier: 'max', arena: 1494 },
  { id: 'claude-opus-4-6', context: 1_000_000, size: ecologits([67, 200], 670), takes: graded, for: anything, tier: 'max', arena: 1497, pace: [34, 2.09] },
  { id: 'claude-opus-4-5', aka: ['claude-opus-4-5-20251101'], context: 200_000, size: ecologits([67, 200], 670), takes: graded, for: anything, tier: 'max', arena: 1470, pace: [32.5, 1.65] },
  { id: 'claude-opus-4-1', aka: ['claude-opus-4-1-20250805'], context: 200_000, size: ecologits([200, 600], 2_000), takes: graded, for: anything, tier: 'max', arena: 1448, pace: [25.1, 1.95] },
  { id: 'claude-sonnet-5', context: 1_000_000, size: likeLast([44, 132], [440, 440]), takes: deep, for: anything, tier: 'max', arena: 1462 },
  { id: 'claude-sonnet-4-6', context: 1_000_000, size: ecologits([44, 132], 440), takes: graded, for: anything, tier: 'max', arena: 1472, pace: [42, 1.38] },
  { id: 'claude-sonnet-4-5', aka: ['claude-sonnet-4-5-20250929'], context: 200_000, size: ecologits([44, 132], 440), takes: graded, for: anything, tier: 'max', arena: 1455, pace: [36.1, 1.83] },
  { id: 'claude-sonnet-4-0', aka: ['claude-sonnet-4-20250514'], context: 200_000, size: ecologits([44, 132], 440), takes: graded, for: anything, tier: 'max', arena: 1391, pace: [47.5, 1.13] },
  { id: 'claude-haiku-4-5', aka: ['claude-haiku-4-5-20251001'], context: 200_000, size: ecologits([10, 35]), takes: graded, for: anything, tier: 'standard', arena: 1414, pace: [69.9, 0.58] },
])

const google = modelsOf('google', [
  { id: 'gemini-3.8-flash', context: 1_048_576, size: likeLast([100, 300], [300, 300]), takes: least, for: anything, tier: 'standard', arena: 1495 },
  { id: 'gemini-3.7-flash', context: 1_048_576, size: likeLast([100, 300], [300, 300]), takes: least, for: anything, tier: 'standard', arena: 1488 },
  { id: 'gemini-3.6-flash', context: 1_048_576, size: likeLast([100, 300], [300, 300]), takes: least, for: anything, tier: 'standard', arena: 1483 },
  { id: 'gemini-3.5-flash', context: 1_048_576, size: likeLast([100, 300], [300, 300]), takes: least, for: anything, tier: 'max', arena: 1477 },
  { id: 'gemini-3.5-flash-lite', context: 1_048_576, size: likeLast([30, 105]), takes: least, for: anything, tier: 'standard', arena: 1455 },
  { id: 'gemini-3.1-pro-preview', aka: ['gemini-3.1-pro-preview-customtools'], context: 1_048_576, size: ecologits([120, 360], 1_200), takes: always, for: anything, tier: 'max', arena: 1487, pace: [57.8, 4.68] },
  { id: 'gemini-3.1-flash-lite', aka: ['gemini-3.1-flash-lite-preview'], context: 1_048_576, size: ecologits([30, 105]), takes: least, for: anything, tier: 'eco', arena: 1433, pace: [71.9, 0.89] },
  { id: 'gemini-3-flash-preview', context: 1_048_576, size: ecologits([100, 300], 300), takes: least, for: anything, tier: 'standard', arena: 1473, pace: [60.4, 1.47] },
  { id: 'gemini-2.5-pro', context: 1_048_576, size: ecologits([200, 600], 2_000), takes: always, for: anything, tier: 'max', arena: 1446, pace: [92, 2.67] },
  { id: 'gemini-2.5-flash', context: 1_048_576, size: ecologits([44, 132], 440), takes: graded, for: anything, tier: 'standard', arena: 1409, pace: [71, 0.66] },
  { id: 'gemini-2.5-flash-lite', context: 1_048_576, size: ecologits([8, 28]), takes: graded, for: anything, tier: 'eco', arena: 1379, pace: [76.9, 0.57] },
  { id: 'gemma-4-31b-it', aka: ['gemma-4-31b', 'gemma4:31b'], context: 262_144, size: published(30.7), takes: switched, for: anything, tier: 'standard', arena: 1453 },
  { id: 'gemma-4-26b-a4b-it', aka: ['gemma-4-26b-a4b', 'gemma4:26b'], context: 262_144, size: published(3.8, 25.2), takes: switched, for: anything, tier: 'eco', arena: 1437 },
  { id: 'gemma-3-27b-it', aka: ['gemma-3-27b', 'gemma3:27b'], context: 131_072, size: published(27.4), takes: never, for: anything, tier: 'standard', arena: 1365, joules: [0.3, 0.61, 1.8] },
  { id: 'gemma-3-12b-it', aka: ['gemma-3-12b', 'gemma3:12b'], context: 131_072, size: published(12.2), takes: never, for: anything, tier: 'eco', arena: 1342, joules: [0.14, 0.26, 0.77] },
  { id: 'gemma-3-4b-it', aka: ['gemma-3-4b', 'gemma3:4b'], context: 131_072, size: published(4.3), takes: never, for: anything, tier: 'eco', arena: 1303 },
  { id: 'gemma-3n-e4b-it', aka: ['gemma3n:e4b'], context: 32_768, size: published(7.85), takes: never, for: anything, tier: 'eco', arena: 1317 },
])

const mistral = modelsOf('mistral', [
  { id: 'mistral-large-2512', aka: ['mistral-large-latest'], context: 262_144, size: published(41, 675), takes: never, for: anything, tier: 'standard', arena: 1414, pace: [36.1, 0.48] },
  { id: 'mistral-medium-2604', aka: ['mistral-medium-3-5', 'mistral-medium-3.5', 'mistral-medium-latest'], context: 262_144, size: published(128), takes: switched, for: anything, tier: 'max', arena: 1427 },
  { id: 'mistral-medium-2508', context: 262_144, size: ecologits([70, 120]), takes: never, for: anything, tier: 'standard', arena: 1408, pace: [42.5, 0.36] },
  { id: 'mistral-small-2603', aka: ['mistral-small-latest'], context: 256_000, size: { ...published(8, 119), active: [6, 8] }, takes: switched, for: anything, tier: 'eco' },
  { id: 'mistral-small-2506', aka: ['mistral-small-3.2-24b-instruct'], context: 128_000, size: published(23.6), takes: never, for: anything, tier: 'eco', arena: 1356, pace: [105.6, 0.34] },
  { id: 'ministral-14b-2512', aka: ['ministral-14b-latest'], context: 262_144, size: published(14), takes: never, for: anything, tier: 'eco', pace: [86.4, 0.34] },
  { id: 'ministral-8b-2512', aka: ['ministral-8b-latest'], context: 262_144, size: published(8), takes: never, for: anything, tier: 'eco', pace: [140, 0.22] },
  { id: 'ministral-3b-2512', aka: ['ministral-3b-latest'], context: 131_072, size: published(3.3), takes: never, for: anything, tier: 'eco', pace: [80.6, 0.23] },
  { id: 'ministral-8b-2410', aka: ['ministral-8b-instruct-2410'], context: 128_000, size: published(8.02), takes: never, tier: 'eco', arena: 1238, stars: 2 },
  { id: 'magistral-medium-2509', aka: ['magistral-medium-latest'], context: 128_000, size: ecologits([70, 120]), takes: ['high'], for: anything, tier: 'max', arena: 1305, pace: [42.5, 0.36] },
  { id: 'magistral-small-2509', aka: ['magistral-small-latest', 'magistral-small', 'magistral', 'magistral:24b'], context: 128_000, size: published(23.6), takes: ['high'], for: anything, tier: 'standard', pace: [105.6, 0.34] },
  { id: 'codestral-2508', aka: ['codestral-latest'], context: 256_000, size: published(22.2), takes: never, for: coding, tier: 'eco', pace: [50.2, 0.24] },
  { id: 'mistral-nemo', aka: ['open-mistral-nemo', 'open-mistral-nemo-2407', 'mistral-nemo-instruct-2407'], context: 128_000, size: published(12.2), takes: never, tier: 'eco', pace: [108.4, 0.27] },
  { id: 'mistral-large-2411', aka: ['mistral-large-instruct-2411'], context: 131_072, size: published(123), takes: never, tier: 'max', arena: 1306, pace: [36.9, 1.05] },
  { id: 'pixtral-large-2411', aka: ['pixtral-large-latest'], context: 128_000, size: published(123), takes: never, for: anything, tier: 'max', pace: [49.9, 0.51] },
])

const cohere = modelsOf('cohere', [
  { id: 'command-a-plus-05-2026', context: 128_000, size: published(25, 218), takes: switched, for: anything, tier: 'max', pace: [139.5, 0.23] },
  { id: 'command-a-reasoning-08-2025', context: 256_000, size: published(111), takes: switched, tier: 'max' },
  { id: 'command-a-03-2025', aka: ['command-a'], context: 256_000, size: published(111), takes: never, tier: 'max', arena: 1354, pace: [63, 0.95] },
  { id: 'command-a-vision-07-2025', context: 128_000, size: published(112), takes: never, for: anything, tier: 'max' },
  { id: 'command-a-translate-08-2025', context: 8_000, size: published(111), takes: never, for: translating, tier: 'max' },
  { id: 'command-r-plus-08-2024', aka: ['command-r-plus'], context: 128_000, size: published(104), takes: never, tier: 'max', arena: 1276, pace: [27.9, 0.35] },
  { id: 'command-r-08-2024', aka: ['command-r'], context: 128_000, size: published(32.3), takes: never, tier: 'eco', arena: 1250, pace: [42.8, 0.27] },
  { id: 'command-r7b-12-2024', aka: ['command-r7b'], context: 128_000, size: published(8.03), takes: never, tier: 'eco', pace: [70.1, 0.25] },
  { id: 'c4ai-aya-expanse-32b', context: 128_000, size: published(32.3), takes: never, tier: 'standard', arena: 1267, pace: [21.8, 0.61] },
])

const deepseek = modelsOf('deepseek', [
  { id: 'deepseek-v4-pro', context: 1_000_000, size: published(49, 1_600), takes: ['none', 'high', 'xhigh'], tier: 'standard', arena: 1458 },
  { id: 'deepseek-v4-flash', aka: ['deepseek-chat'], context: 1_000_000, size: published(13, 284), takes: ['none', 'high', 'xhigh'], tier: 'eco', arena: 1436 },
  { id: 'deepseek-v3.2', context: 163_840, size: published(37, 671), takes: switched, tier: 'standard', arena: 1425 },
  { id: 'deepseek-v3.1', context: 163_840, size: published(37, 671), takes: switched, tier: 'standard', arena: 1417, joules: [0.76, 1.6, 7.7] },
  { id: 'deepseek-r1-0528', aka: ['deepseek-r1:671b'], context: 163_840, size: published(37, 671), takes: ['high'], tier: 'max', arena: 1422 },
  { id: 'deepseek-r1-distill-llama-70b', aka: ['deepseek-r1:70b'], context: 131_072, size: published(70.6), takes: ['high'], tier: 'standard' },
])

const xai = modelsOf('xai', [
  { id: 'grok-4.6', context: 500_000, size: likePeers([30, 200], [300, 1_600]), takes: always, for: anything, tier: 'max', arena: 1454 },
  { id: 'grok-4.5', context: 500_000, size: likePeers([30, 200], [300, 1_600]), takes: always, for: anything, tier: 'max', arena: 1466 },
  { id: 'grok-4.3', context: 1_000_000, size: likePeers([13, 132], [284, 675]), takes: always, for: anything, tier: 'standard', arena: 1441 },
  { id: 'grok-4.20', aka: ['grok-4.20-0309-reasoning'], context: 1_000_000, size: likePeers([13, 132], [284, 675]), takes: always, for: anything, tier: 'standard', arena: 1472 },
  { id: 'grok-4-1-fast-non-reasoning', context: 2_000_000, size: likePeers([10, 49], [100, 400]), takes: never, for: anything, tier: 'eco' },
  { id: 'grok-4-1-fast-reasoning', context: 2_000_000, size: likePeers([10, 49], [100, 400]), takes: always, for: anything, tier: 'eco', arena: 1430 },
  { id: 'grok-4-0709', aka: ['grok-4'], context: 256_000, size: likePeers([44, 600], [440, 2_000]), takes: ['high'], for: anything, tier: 'max', arena: 1411 },
  { id: 'grok-3', context: 131_072, size: likePeers([44, 600], [440, 2_000]), takes: never, tier: 'max', arena: 1411 },
  { id: 'grok-3-mini', context: 131_072, size: likePeers([8, 70]), takes: ['low', 'high'], tier: 'eco', arena: 1358 },
  { id: 'grok-code-fast-1', context: 256_000, size: likePeers([10, 49], [100, 400]), takes: always, for: coding, tier: 'eco' },
])

const moonshotai = modelsOf('moonshotai', [
  { id: 'kimi-k3', context: 1_048_576, size: likePeers([32, 132], [1_000, 3_000]), takes: ['low', 'high', 'xhigh'], for: anything, tier: 'max', arena: 1488 },
  { id: 'kimi-k2.7-code', context: 262_144, size: published(32, 1_000), takes: ['high'], for: coding, tier: 'standard' },
  { id: 'kimi-k2.6', context: 262_144, size: published(32, 1_000), takes: switched, for: anything, tier: 'standard', arena: 1461 },
  { id: 'kimi-k2.5', context: 262_144, size: published(32, 1_000), takes: switched, for: anything, tier: 'standard', arena: 1431 },
  { id: 'kimi-k2-thinking', context: 262_144, size: published(32, 1_000), takes: ['high'], tier: 'standard', arena: 1430 },
  { id: 'kimi-k2-0905', aka: ['kimi-k2-0905-preview', 'kimi-k2-instruct-0905'], context: 262_144, size: published(32, 1_000), takes: never, tier: 'standard', arena: 1419 },
])

const zai = modelsOf('zai', [
  { id: 'glm-5.3', context: 1_000_000, size: likePeers([32, 100], [355, 1_600]), takes: switched, tier: 'standard', arena: 1478 },
  { id: 'glm-5.3-flash', context: 1_000_000, size: likePeers([3, 49], [30, 400]), takes: switched, tier: 'eco', arena: 1473 },
  { id: 'glm-5.2', context: 1_000_000, size: likePeers([32, 100], [355, 1_600]), takes: switched, tier: 'standard', arena: 1476 },
  { id: 'glm-5.1', context: 202_752, size: published(40, 744), takes: switched, tier: 'standard', arena: 1465 },
  { id: 'glm-5', context: 202_752, size: published(40, 744), takes: switched, tier: 'standard', arena: 1458 },
  { id: 'glm-4.7', context: 204_800, size: published(32, 355), takes: switched, tier: 'standard', arena: 1441 },
  { id: 'glm-4.7-flash', context: 200_000, size: published(3, 30), takes: switched, tier: 'eco', arena: 1365 },
  { id: 'glm-4.6', context: 204_800, size: published(32, 355), takes: switched, tier: 'standard', arena: 1424 },
  { id: 'glm-4.5-air', context: 131_072, size: published(12, 106), takes: switched, tier: 'eco', arena: 1373 },
  { id: 'glm-4.5v', context: 65_536, size: published(12, 106), takes: switched, for: anything, tier: 'standard', arena: 1352 },
])

const minimax = modelsOf('minimax', [
  { id: 'minimax-m3', context: 1_000_000, size: likePeers([10, 46], [230, 456]), takes: switched, for: anything, tier: 'eco', arena: 1440 },
  { id: 'minimax-m2.7', context: 204_800, size: published(10, 230), takes: ['high'], tier: 'eco', arena: 1415 },
  { id: 'minimax-m2', context: 204_800, size: published(10, 230), takes: ['high'], tier: 'eco', arena: 1343 },
  { id: 'minimax-m1', context: 1_000_000, size: published(45.9, 456), takes: ['high'], tier: 'standard', arena: 1364 },
])

const amazon = modelsOf('amazon', [
  { id: 'amazon.nova-premier-v1:0', aka: ['nova-premier-v1'], context: 1_000_000, size: likePeers([44, 200], [440, 1_600]), takes: never, for: anything, tier: 'max' },
  { id: 'amazon.nova-pro-v1:0', aka: ['nova-pro-v1'], context: 300_000, size: likePeers([22, 132], [106, 440]), takes: never, for: anything, tier: 'standard', arena: 1290 },
  { id: 'amazon.nova-lite-v1:0', aka: ['nova-lite-v1'], context: 300_000, size: likePeers([8, 28]), takes: never, for: anything, tier: 'eco', arena: 1260 },
  { id: 'amazon.nova-micro-v1:0', aka: ['nova-micro-v1'], context: 128_000, size: likePeers([3, 14]), takes: never, tier: 'eco', arena: 1241 },
  { id: 'amazon.nova-2-lite-v1:0', aka: ['global.amazon.nova-2-lite-v1:0', 'nova-2-lite-v1'], context: 1_000_000, size: likePeers([8, 132], [28, 440]), takes: graded, for: anything, tier: 'standard', arena: 1335 },
])

const groq = modelsOf('groq', [
  { id: 'llama-3.3-70b-versatile', context: 131_072, size: published(70.6), takes: never, tier: 'standard', arena: 1318, joules: [0.39, 0.76, 3.1] },
  { id: 'llama-3.1-8b-instant', context: 131_072, size: published(8.03), takes: never, tier: 'eco', arena: 1211, joules: [0.075, 0.12, 0.35] },
])

const meta = modelsOf('meta', [
  { id: 'llama-4-maverick', aka: ['llama-4-maverick-17b-128e-instruct', 'llama-4-maverick-17b-128e-instruct-fp8'], context: 1_048_576, size: published(17, 400), takes: never, for: anything, tier: 'standard', arena: 1327, joules: [0.73, 1.2, 3.2] },
  { id: 'llama-4-scout', aka: ['llama-4-scout-17b-16e-instruct'], context: 131_072, size: published(17, 109), takes: never, for: anything, tier: 'eco', arena: 1322, joules: [0.56, 1.1, 5.2] },
  { id: 'llama-3.3-70b-instruct', aka: ['llama3.3:70b', 'llama-3.3-70b', 'llama-3.3-70b-instruct-turbo'], context: 131_072, size: published(70.6), takes: never, tier: 'standard', arena: 1318, joules: [0.39, 0.76, 3.1] },
  { id: 'llama-3.1-405b-instruct', aka: ['llama3.1:405b', 'meta-llama-3.1-405b-instruct', 'llama-3.1-405b-instruct-fp8'], context: 131_072, size: published(405.9), takes: never, tier: 'max', arena: 1335, joules: [1.3, 3.1, 14] },
  { id: 'llama-3.1-70b-instruct', aka: ['llama3.1:70b', 'meta-llama-3.1-70b-instruct'], context: 131_072, size: published(70.6), takes: never, tier: 'standard', arena: 1293, joules: [0.27, 0.62, 2.7] },
  { id: 'llama-3.1-8b-instruct', aka: ['llama3.1:8b', 'meta-llama-3.1-8b-instruct'], context: 131_072, size: published(8.03), takes: never, tier: 'eco', arena: 1211, joules: [0.075, 0.12, 0.35] },
  { id: 'llama-3.2-3b-instruct', aka: ['llama3.2:3b'], context: 131_072, size: published(3.21), takes: never, tier: 'eco', arena: 1167 },
  { id: 'llama-3.2-1b-instruct', aka: ['llama3.2:1b'], context: 131_072, size: published(1.24), takes: never, tier: 'eco', arena: 1111 },
])

const qwen = modelsOf('qwen', [
  { id: 'qwen3.7-max', context: 1_000_000, size: likePeers([22, 100], [235, 1_600]), takes: switched, tier: 'standard', arena: 1475 },
  { id: 'qwen3.7-plus', context: 1_000_000, size: likePeers([17, 40], [235, 744]), takes: switched, for: anything, tier: 'eco', arena: 1456 },
  { id: 'qwen3.6-plus', context: 1_000_000, size: likePeers([17, 40], [235, 744]), takes: switched, for: anything, tier: 'eco', arena: 1443 },
  { id: 'qwen3.6-35b-a3b', context: 262_144, size: published(3, 35), takes: switched, for: anything, tier: 'eco' },
  { id: 'qwen3.6-27b', context: 262_144, size: published(27), takes: switched, for: anything, tier: 'standard' },
  { id: 'qwen3.5-397b-a17b', aka: ['qwen3.5:397b'], context: 262_144, size: published(17, 397), takes: switched, for: anything, tier: 'standard', arena: 1442 },
  { id: 'qwen3.5-122b-a10b', aka: ['qwen3.5:122b'], context: 262_144, size: published(10, 122), takes: switched, for: anything, tier: 'standard', arena: 1416 },
  { id: 'qwen3.5-35b-a3b', aka: ['qwen3.5:35b'], context: 262_144, size: published(3, 35), takes: switched, for: anything, tier: 'eco', arena: 1394 },
  { id: 'qwen3.5-27b', aka: ['qwen3.5:27b'], context: 262_144, size: published(27), takes: switched, for: anything, tier: 'standard', arena: 1409 },
  { id: 'qwen3.5-9b', aka: ['qwen3.5:9b'], context: 262_144, size: published(9), takes: switched, for: anything, tier: 'eco' },
  { id: 'qwen3-max', context: 262_144, size: likePeers([22, 100], [235, 1_600]), takes: never, tier: 'max', arena: 1423 },
  { id: 'qwen3-next-80b-a3b-instruct', context: 262_144, size: published(3, 80), takes: never, tier: 'eco', arena: 1399 },
  { id: 'qwen3-next-80b-a3b-thinking', context: 262_144, size: published(3, 80), takes: ['high'], tier: 'eco', arena: 1369 },
  { id: 'qwen3-235b-a22b-instruct-2507', aka: ['qwen3-235b-a22b-2507', 'qwen3-235b-a22b-instruct-2507-fp8'], context: 262_144, size: published(22, 235), takes: never, tier: 'standard', arena: 1422, joules: [0.48, 1.8, 8.3] },
  { id: 'qwen3-235b-a22b-thinking-2507', context: 262_144, size: published(22, 235), takes: ['high'], tier: 'standard', arena: 1400 },
  { id: 'qwen3-235b-a22b', aka: ['qwen3:235b', 'qwen3:235b-a22b'], context: 40_960, size: published(22, 235), takes: switched, tier: 'standard', arena: 1403 },
  { id: 'qwen3-30b-a3b-instruct-2507', aka: ['qwen3:30b-a3b-instruct-2507-q4_k_m', 'qwen3:30b-instruct'], context: 262_144, size: published(3.3, 30.5), takes: never, tier: 'eco', arena: 1383, joules: [0.097, 0.22, 0.85] },
  { id: 'qwen3-30b-a3b', aka: ['qwen3:30b', 'qwen3:30b-a3b'], context: 40_960, size: published(3.3, 30.5), takes: switched, tier: 'eco', arena: 1326 },
  { id: 'qwen3-32b', aka: ['qwen3:32b'], context: 131_072, size: published(32.8), takes: switched, tier: 'eco', arena: 1347, joules: [0.18, 0.38, 1.8] },
  { id: 'qwen3-14b', aka: ['qwen3:14b'], context: 40_960, size: published(14.8), takes: switched, tier: 'eco', joules: [0.083, 0.18, 0.65] },
  { id: 'qwen3-8b', aka: ['qwen3:8b'], context: 131_072, size: published(8.2), takes: switched, tier: 'eco', joules: [0.074, 0.12, 0.38] },
  { id: 'qwen3-4b', aka: ['qwen3:4b'], context: 40_960, size: published(4), takes: switched, tier: 'eco' },
  { id: 'qwen3-1.7b', aka: ['qwen3:1.7b'], context: 40_960, size: published(2), takes: switched, tier: 'eco' },
  { id: 'qwen3-0.6b', aka: ['qwen3:0.6b'], context: 40_960, size: published(0.75), takes: switched, tier: 'eco' },
  { id: 'qwen3-coder-480b-a35b-instruct', aka: ['qwen3-coder', 'qwen3-coder:480b'], context: 262_144, size: published(35, 480), takes: never, for: coding, tier: 'standard', arena: 1387 },
  { id: 'qwen3-coder-30b-a3b-instruct', aka: ['qwen3-coder:30b'], context: 262_144, size: published(3.3, 30.5), takes: never, for: coding, tier: 'eco' },
  { id: 'qwen3-coder-next', context: 262_144, size: published(3, 80), takes: never, for: coding, tier: 'eco' },
  { id: 'qwen3-vl-235b-a22b-instruct', aka: ['qwen3-vl:235b'], context: 262_144, size: published(22, 235), takes: never, for: anything, tier: 'standard', arena: 1413 },
  { id: 'qwen3-vl-8b-instruct', aka: ['qwen3-vl:8b'], context: 262_144, size: published(8.8), takes: never, for: anything, tier: 'eco' },
  { id: 'qwen2.5-72b-instruct', aka: ['qwen-2.5-72b-instruct', 'qwen2.5:72b'], context: 131_072, size: published(72.7), takes: never, tier: 'standard', arena: 1303, stars: 5 },
  { id: 'qwen2.5-coder-32b-instruct', aka: ['qwen-2.5-coder-32b-instruct', 'qwen2.5-coder:32b'], context: 32_768, size: published(32.8), takes: never, for: coding, tier: 'eco', arena: 1271 },
  { id: 'qwen2.5-7b-instruct', aka: ['qwen-2.5-7b-instruct', 'qwen2.5:7b'], context: 32_768, size: published(7.6), takes: never, tier: 'eco' },
  { id: 'qwq-32b', aka: ['qwq:32b'], context: 131_072, size: published(32.8), takes: ['high'], tier: 'standard', arena: 1336 },
])

const others = [
  ...modelsOf('nvidia', [
    { id: 'nemotron-3-ultra-550b-a55b', context: 1_000_000, size: published(55, 550), takes: switched, tier: 'standard', arena: 1426 },
    { id: 'nemotron-3-super-120b-a12b', context: 262_144, size: published(12, 120), takes: switched, tier: 'eco', arena: 1360 },
    { id: 'nemotron-3-nano-30b-a3b', context: 262_144, size: published(3.5, 31.6), takes: switched, tier: 'eco', arena: 1314 },
    { id: 'nemotron-nano-9b-v2', aka: ['nvidia-nemotron-nano-9b-v2'], context: 131_072, size: published(8.9), takes: switched, tier: 'eco', joules: [0.19, 0.25, 0.58] },
    { id: 'nemotron-nano-12b-v2', aka: ['nvidia-nemotron-nano-12b-v2'], context: 131_072, size: published(12.3), takes: switched, tier: 'eco', joules: [0.2, 0.29, 0.74] },
    { id: 'llama-3.3-nemotron-super-49b-v1.5', context: 131_072, size: published(49.9), takes: switched, tier: 'standard', arena: 1343 },
  ]),
  ...modelsOf('microsoft', [
    { id: 'phi-4', aka: ['phi4:14b', 'phi-4-14b'], context: 16_384, size: published(14.7), takes: never, tier: 'eco', arena: 1256, stars: 1 },
    { id: 'phi-4-mini-instruct', aka: ['phi4-mini:3.8b'], context: 131_072, size: published(3.8), takes: never, tier: 'eco' },
    { id: 'phi-4-multimodal-instruct', context: 131_072, size: published(5.6), takes: never, for: anything, tier: 'eco' },
    { id: 'phi-4-reasoning-plus', aka: ['phi4-reasoning:plus'], context: 32_768, size: published(14.7), takes: ['high'], tier: 'eco' },
    { id: 'phi-3.5-mini-128k-instruct', aka: ['phi-3.5-mini-instruct', 'phi3.5:3.8b'], context: 131_072, size: published(3.8), takes: never, tier: 'eco' },
  ]),
  ...modelsOf('ibm', [
    { id: 'granite-4.1-8b', context: 131_072, size: published(8), takes: never, tier: 'eco', arena: 1304 },
    { id: 'granite-4.0-h-micro', context: 131_072, size: published(3.2), takes: never, tier: 'eco' },
  ]),
  ...modelsOf('allenai', [
    { id: 'olmo-3-32b-think', context: 65_536, size: published(32.2), takes: ['high'], tier: 'standard', arena: 1306 },
  ]),
  ...modelsOf('xiaomi', [
    { id: 'mimo-v2-flash', context: 262_144, size: published(15, 309), takes: switched, tier: 'eco', arena: 1392 },
  ]),
  ...modelsOf('stepfun', [
    { id: 'step-3.5-flash', context: 262_144, size: published(11, 196), takes: ['high'], tier: 'eco', arena: 1393 },
  ]),
  ...modelsOf('tencent', [
    { id: 'hunyuan-a13b-instruct', context: 131_072, size: published(13, 80), takes: switched, tier: 'eco' },
  ]),
  ...modelsOf('ai21', [
    { id: 'jamba-large-1.7', context: 256_000, size: published(94, 398), takes: never, tier: 'max' },
  ]),
  ...modelsOf('arcee', [
    { id: 'trinity-mini', context: 131_072, size: published(3, 26), takes: switched, tier: 'eco' },
  ]),
  ...modelsOf('liquid', [
    { id: 'lfm-2-24b-a2b', context: 32_768, size: published(2.3, 24), takes: never, tier: 'eco' },
  ]),
]

/** The models of November 2026 that are known by name. What runs on one's own machine is known by its name's pattern too: see `factsFromName`. */
export const models: readonly ModelFacts[] = [
  ...openai, ...anthropic, ...google, ...mistral, ...cohere, ...deepseek, ...xai, ...moonshotai, ...zai, ...minimax, ...amazon, ...groq, ...meta, ...qwen, ...others,
]
