import { describe, expect, test } from 'vitest'
import { energyProfile, factsFromName, findModel } from '../../../src/catalog/index.ts'
import { effortsFromName } from '../../../src/catalog/thinking.ts'

describe('what a name gives away', () => {
  test.each<[name: string, active: number, total: number]>([
    // Ollama
    ['qwen3:4b', 4, 4], ['qwen3:0.6b', 0.6, 0.6], ['qwen3:30b-a3b', 3, 30], ['qwen3:30b-a3b-instruct-2507-q4_K_M', 3, 30], ['llama3.1:8b', 8, 8],
    ['llama3.1:405b-instruct-q4_0', 405, 405], ['llama3.2:1b', 1, 1], ['llama3.2-vision:11b', 11, 11], ['gemma3:270m', 0.27, 0.27], ['gemma3:27b-it-qat', 27, 27],
    ['phi3:3.8b', 3.8, 3.8], ['deepseek-r1:1.5b', 1.5, 1.5], ['deepseek-r1:671b', 671, 671], ['qwq:32b', 32, 32], ['gpt-oss:20b', 20, 20], ['gpt-oss:120b-cloud', 120, 120],
    ['smollm2:135m', 0.135, 0.135], ['smollm:360m-instruct-v0.2-q8_0', 0.36, 0.36], ['mistral:7b', 7, 7], ['mistral-nemo:12b', 12, 12], ['codellama:70b-code', 70, 70],
    ['starcoder2:15b', 15, 15], ['command-r7b:7b', 7, 7], ['tinyllama:1.1b', 1.1, 1.1], ['yi:34b-200k', 34, 34], ['falcon:180b', 180, 180], ['all-minilm:22m', 0.022, 0.022],
    // Hugging Face
    ['Qwen/Qwen3-235B-A22B-Instruct-2507', 22, 235], ['Qwen/Qwen2.5-7B-Instruct-1M', 7, 7], ['Qwen/Qwen3-Next-80B-A3B-Thinking', 3, 80], ['meta-llama/Llama-3.3-70B-Instruct', 70, 70],
    ['meta-llama/Meta-Llama-3-8B', 8, 8], ['HuggingFaceTB/SmolLM2-1.7B-Instruct', 1.7, 1.7], ['THUDM/glm-4-9b-chat-1m', 9, 9], ['ibm-granite/granite-3.0-1b-a400m-instruct', 0.4, 1],
    ['ibm-granite/granite-3.0-3b-a800m-instruct', 0.8, 3], ['baidu/ERNIE-4.5-300B-A47B-PT', 47, 300], ['nvidia/Llama-3_1-Nemotron-Ultra-253B-v1', 253, 253], ['deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B', 1.5, 1.5],
    ['EleutherAI/pythia-14m', 0.014, 0.014], ['inclusionAI/Ling-1T', 1_000, 1_000], ['internlm/internlm2_5-7b-chat-1m', 7, 7], ['openai/gpt-oss-120b', 120, 120], ['allenai/OLMo-2-0325-32B', 32, 32],
    // files
    ['Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf', 8, 8], ['mistral-7b-instruct-v0.2.Q8_0.gguf', 7, 7], ['hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M', 3, 3],
    ['unsloth/Qwen3-14B-unsloth-bnb-4bit', 14, 14], ['TheBloke/Llama-2-13B-chat-AWQ', 13, 13],
  ])('%s', (name, active, total) => {
    expect(factsFromName(name)?.params).toEqual({ active: [active, active], total: [total, total], source: 'published' })
  })

  test.each<[name: string, active: number, total: number]>([
    ['mixtral:8x7b', 12.9, 46.7], ['mistralai/Mixtral-8x22B-Instruct-v0.1', 39, 141], ['dolphin-mixtral:8x7b-v2.7-q4_K_M', 12.9, 46.7],
    ['meta-llama/Llama-4-Scout-17B-16E-Instruct', 17, 109], ['Llama-4-Maverick-17B-128E', 17, 400],
  ])('%s: its experts bound it', (name, active, total) => {
    const { params } = factsFromName(name)!
    expect(params.source).toBe('estimated')
    expect(params.active[0] <= active && active <= params.active[1]).toBe(true)
    expect(params.total[0] <= total && total <= params.total[1]).toBe(true)
  })

  test.each([
    '', 'b', '0b', '0.0b', '-', 'llama3', 'llama3:latest', 'gpt-4o', 'gpt-4.1-mini', 'claude-sonnet-4-5', 'gemini-2.5-pro', 'command-r-plus', 'phi-3-medium-128k-instruct', 'bnb-4bit',
    'some-model-8bit', 'q4_K_M', 'glm-4-air-1m', 'model-v1.5b', 'a3b', 'qwen1.5-moe-a2.7b', '99999b', 'NaNb', '0x7b', '7x0b', '8xb', '∞b', '７b', '8b8b8', 'constructor', 'step-3.5-flash',
  ])('"%s" says nothing', name => {
    expect(factsFromName(name)).toBeUndefined()
  })

  test('whether it reasons, and how large it is', () => {
    expect(factsFromName('qwen3:4b')).toMatchObject({ efforts: ['none'], suggestedTier: 'eco', price: null })
    expect(factsFromName('deepseek-r1:32b')).toMatchObject({ efforts: ['low', 'medium', 'high'], suggestedTier: 'standard' })
    expect(factsFromName('Qwen3-235B-A22B-Thinking-2507')).toMatchObject({ efforts: ['low', 'medium', 'high'], suggestedTier: 'max' })
  })

  test.each([
    'gpt-oss:20b', 'gpt-oss:120b-cloud', 'gpt-oss-20b-mxfp4.gguf', 'hf.co/unsloth/gpt-oss-20b-GGUF:F16', 'openai/gpt-oss-safeguard-20b', 'magistral:24b', 'magistral:24b-small-2506-q4_K_M',
    'mistralai/Magistral-Small-2506', 'phi4-reasoning', 'phi4-reasoning:14b', 'phi4-mini-reasoning:3.8b', 'microsoft/Phi-4-mini-reasoning', 'exaone-deep:7.8b', 'LGAI-EXAONE/EXAONE-Deep-32B',
    'marco-o1', 'AIDC-AI/Marco-o1', 'deepscaler', 'agentica-org/DeepScaleR-1.5B-Preview', 'deepcoder:14b', 'sonar-reasoning-pro', 'perplexity/sonar-reasoning', 'sonar-deep-research',
    'Qwen/Qwen3-30B-A3B-Thinking-2507', 'Qwen/Qwen3-4B-Thinking-2507-FP8', 'qwen3:4b-thinking', 'qwen3-vl:8b-thinking', 'qwq', 'qwq:32b-q4_K_M', 'Qwen/QVQ-72B-Preview', 'deepseek-r1', 'deepseek-r1:8b',
    'deepseek-ai/DeepSeek-R1-Distill-Qwen-7B', 'DeepSeek-R1-0528-Qwen3-8B-Q4_K_M.gguf', 'huihui_ai/deepseek-r1-abliterated:14b', 'deepseek-reasoner', 'r1-1776:70b', 'openthinker:7b',
    'kimi-k2-thinking:cloud', 'minimax-m2:cloud', 'MiniMaxAI/MiniMax-M1-80k', 'THUDM/GLM-Z1-9B-0414', 'THUDM/GLM-4.1V-9B-Thinking', 'allenai/Olmo-3-7B-Think', 'nvidia/OpenReasoning-Nemotron-7B',
    'nvidia/AceReason-Nemotron-14B', 'Skywork/Skywork-OR1-32B', 'smallthinker:3b', 'ServiceNow-AI/Apriel-1.5-15b-Thinker', 'inclusionAI/Ring-1T', 'XiaomiMiMo/MiMo-7B-RL', 'o1-mini', 'openai/o3-pro',
    'LiquidAI/LFM2.5-1.2B-Thinking', 'NovaSky-AI/Sky-T1-32B-Preview', 'simplescaling/s1.1-32B', 'baidu/ERNIE-4.5-21B-A3B-Thinking', 'mistralai/Ministral-3-8B-Reasoning-2512',
  ])('%s cannot stop reasoning', name => {
    expect(effortsFromName(name)).toEqual(['low', 'medium', 'high'])
    expect((findModel(name) ?? factsFromName(name))?.reasoning ?? 'always').toBe('always')
  })

  test.each([
    'llama3.1:8b', 'Qwen/Qwen3-30B-A3B-Instruct-2507', 'qwen3:4b-instruct', 'gemma3:27b', 'mistral-small3.2:24b', 'phi4:14b', 'grok-4-fast-non-reasoning', 'my-nothinking-8b', 'exaone3.5:7.8b', 'sonar-pro',
    'command-r7b', 'allenai/Olmo-3-7B-Instruct', 'codestral:22b', 'deepseek-coder-v2:16b', 'moonshotai/Kimi-K2-Instruct-0905', 'inclusionAI/Ling-1T', 'spring-1t', 'bring-8b', 'gpt-4o', 'pro3:8b', 'constructor1:8b',
  ])('%s does not, as far as its name says', name => {
    expect(effortsFromName(name)).toEqual(['none'])
  })

  test('every size that is read has an energy', () => {
    for (const name of ['mixtral:8x7b', 'Llama-4-Scout-17B-16E', 'granite-3.0-1b-a400m', 'Ling-1T', '1x1b', '9999b', 'gemma3:270m']) {
      const { output, request } = energyProfile(factsFromName(name)!)
      expect(output.low > 0 && output.low <= output.mid && output.mid <= output.high && output.high < Infinity && request.low >= 0).toBe(true)
    }
  })

  test('hostile names are read in no time', () => {
    const start = performance.now()
    for (const unit of ['1', '-1', '1.', '8x', '-7b-', 'a', '-a1', '1b-1', '\u{1f600}']) factsFromName(unit.repeat(200_000 / unit.length))
    expect(performance.now() - start).toBeLessThan(2_000)
  })
})

describe('the model of a name', () => {
  test('is found by id and alias, whatever the case, and with a provider before it', () => {
    expect(findModel('gpt-5-nano')?.provider).toBe('openai')
    expect(findModel('openai/GPT-5-nano')?.id).toBe('gpt-5-nano')
    expect(findModel('mistral-small-latest')?.id).toBe('mistral-small-2603')
    expect(findModel('mistral-small-2506')?.price).not.toEqual(findModel('mistral-small-latest')?.price)
    for (const name of ['', '/', 'gpt', 'gpt-', 'constructor', 'undefined', 'q4_k_m', '.gguf']) expect(findModel(name)).toBeUndefined()
  })

  test.each([
    // Ollama, vLLM, llama.cpp
    ['qwen3:4b', 'qwen3-4b'], ['llama3.1:8b-instruct-q4_K_M', 'llama-3.1-8b-instruct'], ['qwen3:30b-a3b-q8_0', 'qwen3-30b-a3b'], ['gemma3:27b-it-q4_K_M', 'gemma-3-27b-it'],
    ['Qwen/Qwen3-30B-A3B', 'qwen3-30b-a3b'], ['Qwen/Qwen3-32B-AWQ', 'qwen3-32b'], ['Qwen/Qwen3-235B-A22B-Instruct-2507-FP8', 'qwen3-235b-a22b-instruct-2507'], ['meta-llama/Llama-3.3-70B-Instruct', 'llama-3.3-70b-instruct'],
    ['Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf', 'llama-3.1-8b-instruct'], ['hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M', 'llama-3.2-3b-instruct'],
    ['unsloth/Qwen3-14B-unsloth-bnb-4bit', 'qwen3-14b'], ['Qwen3-8B.IQ4_XS.gguf', 'qwen3-8b'], ['google/gemma-3-12b-it-bf16', 'gemma-3-12b-it'], ['openai/gpt-oss-20b', 'gpt-oss-20b'],
    ['gpt-oss:20b', 'gpt-oss-20b'], ['gpt-oss:latest', 'gpt-oss-20b'], ['gpt-oss:120b-cloud', 'gpt-oss-120b'], ['gpt-oss-20b-mxfp4.gguf', 'gpt-oss-20b'], ['gpt-oss-120b-mxfp4-00001-of-00003.gguf', 'gpt-oss-120b'],
    ['hf.co/unsloth/gpt-oss-20b-GGUF:F16', 'gpt-oss-20b'], ['magistral:24b', 'magistral-small-2509'], ['kimi-k2-thinking:cloud', 'kimi-k2-thinking'], ['llama-3.1:8b', 'llama-3.1-8b-instruct'],
  ])('%s is %s, whatever was done to its weights', (name, id) => {
    expect(findModel(name)?.id).toBe(id)
  })

  test('is not another\'s, for what only looks alike', () => {
    for (const name of ['qwen3:5b', 'llama3.1:80b', 'gpt-4o-audio-preview', 'claude-opus-4-50', 'deepseek-r1:32b', 'qwen3-30b-a3b-base']) expect(findModel(name)).toBeUndefined()
  })

  test('is looked for in no time, hostile or not', () => {
    const start = performance.now()
    for (const unit of ['-q4', '.gguf', '-', 'a', ':q8', '-instruct', '\u{1f600}']) findModel(unit.repeat(200_000 / unit.length))
    expect(performance.now() - start).toBeLessThan(2_000)
  })
})
