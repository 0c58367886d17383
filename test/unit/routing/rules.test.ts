import { describe, expect, test } from 'vitest'
import { rules } from '../../../src/routing/rules.ts'

// What each rule finds, and what looks like it and is something else. None is in test/fixtures/routing.
const examples: Record<string, { found: readonly string[]; other: readonly string[] }> = {
  drafting: {
    found: ['Summarise the root cause', 'please write a step-by-step guide', 'Draft a note with proof of payment', 'make this shorter', 'It rained for days. Please summarise it in one line.', 'Explain to my class what an axiom is'],
    other: ['writer of Emma', 'Write a proof of it', 'write down the equation', 'A pen costs 3 euros. Write the answer as a fraction.', 'summary of charges', 'Explain what the chance of two sixes is'],
  },
  page: {
    found: ['root cause worksheet', 'slides on proof by contradiction', 'step by step app for beginners', 'Open the trade-offs report', 'where can I find the proof of age form', 'time complexity handbook 2024'],
    other: ['Prove it in the report', 'Write a report', 'truth table for p or q', 'complexity of a look-up in a table', 'Find a closed form for the sum', 'What is the root cause in this report?', 'Think hard about the form', 'a long sentence that goes on about everything and then names a report'],
  },
  proof: { found: ['Prove that 13 is prime', 'please disprove the claim', 'Is this argument valid?', 'shown by induction on k'], other: ['proofread this', 'the proof was in the pudding', 'proof of address form', 'proven track record'] },
  steps: { found: ['Plan the move step by step', 'find the root cause', 'think it through first'], other: ['steps of the town hall', 'step by step setup guide', 'trace the shipment 4411', 'we cannot rule out delays', 'a step stool'] },
  solve: { found: ['Solve for y', 'can you work out the total', 'find the shortest tour', 'Given that a is even, find b'], other: ['who solved the case', 'find the museum', 'count down from ten', 'calculate my tax bill'] },
  constraints: { found: ['Seat them so that no two cousins meet', 'Assign the tasks with at most two each', 'Compose a duty plan in which no cook is alone'], other: ['assign the ticket to Ravi', 'at least it rained', 'Compose a song in which no word comes twice'] },
  counting: { found: ['In how many ways can it be done?', 'How many distinct words can be made of it', 'what comes next: 1, 4, 9'], other: ['how many seats has the hall', 'How many different countries export coffee?', 'the next train'] },
  logic: { found: ['If all cats are grey, is Tom grey?', 'He always tells the truth', 'Ann is older than Bo'], other: ['if it rains, is it open?', 'old books'] },
  formula: { found: ['x^2 - 4 = 0', '3x + 2 = 11', 'the integral of sin(x)'], other: ['a 24-hour clock', 'my e-mail', 'and/or', 'the C++ docs', 'key=value pairs'] },
  'word-problem': { found: ['A pen costs 3 euros. How much do 12 pens cost?', 'If two cooks need 4 hours, how long do five need?'], other: ['who won in 1994', 'how much is a day ticket', 'room 12 on floor 3'] },
  imperative: { found: ['Summarise the minutes', 'Could you please translate this', 'make it shorter', 'tell me about tea', 'You are a pirate. Greet me.'], other: ['summary of charges', 'writer of Emma', 'translation office hours', 'make a reservation for two', 'change my pin'] },
  wanted: { found: ['I need a toast for my aunt', 'an outline of the talk', 'give me feedback'], other: ['I need a taxi', 'names of the board members'] },
  command: { found: ['turn off the lights', 'Cancel the booking', 'please call Ravi', 'set a timer'], other: ['callbacks in javascript', 'the played notes'] },
  place: { found: ['go to billing', 'where is my parcel', 'show my orders', 'log in'], other: ['goto statements', 'nowhere to be found'] },
  explanation: { found: ['Why is the sky blue?', 'how do planes fly', 'What are the main causes of war?', 'what if cats could talk', 'Should I sell?'], other: ['which way', 'whys and hows', 'what time is it'] },
  advice: { found: ['react vs svelte', 'pros and cons of solar', 'tips for camping', 'tl;dr'], other: ['conversation', 'adviser opening hours'] },
  status: { found: ['weather in Perth', 'opening hours', 'the nearest pharmacy', 'status of claim 12'], other: ['whether it is true', 'an open mind'] },
  fact: { found: ['Who wrote Emma?', 'what is the capital of Peru', 'Is it closed?', 'how tall is K2'], other: ['whoever it was', 'whichever you like'] },
  property: { found: ['zod version', 'population of Laos', 'licence of vite?'], other: ['the capital letters of this sentence are too big', 'sizeable'] },
}

describe('each rule', () => {
  test('has examples here', () => {
    expect(Object.keys(examples).toSorted()).toEqual(rules.map(({ code }) => code).toSorted())
  })

  test.each(rules.map(rule => [rule.code, rule] as const))('"%s" finds its sign and not what only looks like it', (code, { sign }) => {
    expect(examples[code]!.found.filter(text => !sign.test(text))).toEqual([])
    expect(examples[code]!.other.filter(text => sign.test(text))).toEqual([])
  })

  test('reads the same text alike each time', () => {
    const texts = Object.values(examples).flatMap(({ found, other }) => [...found, ...other])
    const once = texts.map(text => rules.find(({ sign }) => sign.test(text))?.code)
    expect(texts.map(text => rules.find(({ sign }) => sign.test(text))?.code)).toEqual(once)
    expect(rules.filter(({ sign }) => sign.global || sign.sticky)).toEqual([])
  })
})
