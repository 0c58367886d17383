import type { Need } from '../../../src/core/index.ts'

/** Requests as people type them, with what each needs. `seen` ones the rules were mended on; `fresh` ones only measured. */
export const seen: Record<Need, readonly string[]> = {
  none: [
    'license of react', 'zod version', 'what is the default port of redis', 'Who wrote The Left Hand of Darkness?', 'when was the Eiffel Tower built', 'capital of Mongolia',
    'opening hours public library', 'weather tomorrow in Lyon', 'track my parcel', 'npm install zustand', 'where is the config file', 'show me my invoices', 'settings',
    'how many days are in February 2028', 'phone number of the Berlin office', 'exchange rate eur to jpy', 'changelog for vite 8', 'is there a dark mode', 'define entropy',
    'what time does the shop close', 'git rebase docs', 'find the privacy policy', 'list of supported languages', 'does fastify support http2', 'population of Iceland',
    'which version added top-level await', 'release date of python 3.14', 'status of order 84213', 'what is the boiling point of ethanol', 'log in',
    'email address for support', 'how tall is Mont Blanc', 'who is the maintainer of eslint', 'download the annual report', 'useEffect cleanup', 'pricing',
    'what year did the Berlin Wall fall', 'nearest pharmacy open now', 'what does ENOENT stand for', 'timezone of Nairobi',
  ],
  generate: [
    'Summarize this article in three sentences', 'Write a birthday message for my colleague Mira', 'explain closures in javascript', 'Translate the following paragraph into Spanish',
    'Rewrite this email so that it sounds friendlier', 'What is the difference between TCP and UDP?', 'why does bread rise', 'how do vaccines work', 'Draft a reply declining the invitation',
    'Give me ideas for a rainy day with children', 'pros and cons of working from home', 'tldr', 'Compare Postgres and MySQL for a small team', 'Describe what this function does',
    'How should I prepare for a job interview?', 'suggest a name for a cat café', 'Can you help me write a cover letter?', 'please explain what a mortgage is', 'What are the advantages of static typing?',
    'tell me about the history of tea', 'make this paragraph shorter', 'turn these notes into an agenda', 'what should I cook with leeks and eggs', 'Explain like I am five how a radio works',
    'could you proofread this for me', 'Generate alt text for a photo of a lighthouse', 'how would you introduce yourself to a new team', 'best way to learn the violin as an adult', 'Write unit tests for this function',
    'In plain words, what is a blockchain?', 'Why do cats purr and what does it mean?', 'What happens when you type a URL into a browser?', 'create a packing list for a week in Norway', 'convert this class to a function component',
    'is it worth learning Rust in my situation', 'Recommend three books about the sea and say why', 'How does garbage collection differ between Go and Java?', 'outline a talk about accessibility', 'what would change if we moved to ESM only', 'Give feedback on my essay about migration',
  ],
  reason: [
    'Prove that the square root of 2 is irrational', 'A train leaves at 9:00 at 80 km/h and another at 9:30 at 100 km/h. When does the second catch up, and how far have they gone?',
    'Schedule six talks in three rooms so that no speaker has two at once', 'Debug why this loop never ends and find the root cause', 'What is the time complexity of this algorithm, step by step?',
    'If 3 painters need 4 days for 5 rooms, how many days do 6 painters need for 20 rooms?', 'Seat eight guests at a table such that no two rivals sit next to each other', 'Derive the quadratic formula',
    'Each of five boxes holds a different colour. The red one is left of the blue one. Which box holds green?', 'Think carefully: which of these two contracts is cheaper over seven years?',
    'Work out the shortest route that visits all nine towns', 'Disprove: every continuous function is differentiable', 'I have 12 coins and one is lighter. How many weighings are needed at least?',
    'Plan a migration of our database with no downtime, step by step', 'Assign 7 nurses to 3 shifts so that everybody has two free days', 'show that there are infinitely many primes',
    'Ann is twice as old as Ben was when Ann was 12. How old is Ann if Ben is 18?', 'Find all integers n such that n^2 + 1 divides n^3 - 3', 'Why does this code deadlock? Go through every interleaving', 'Find the bug in this recursive function and explain how each call leads to it',
    'How much water must be added to 3 litres of 40 % acid to make it 25 %?', 'Pack these items into two suitcases of at most 20 kg each', 'Compute the eigenvalues of [[2,1],[1,2]] and show your work', 'solve 3x + 7 = 2x - 5 for x', 'What is the probability of two sixes in four throws?',
    'Optimize this query plan given these three indexes and explain each decision', 'A farmer has 17 sheep, all but 9 die, then he buys 4 times as many. How many are left?', 'Which of these five suspects lied, if exactly two of the statements are true?', 'Determine whether the sequence converges, and prove it', 'Work through the trade-offs between consistency and latency for our three regions',
  ],
}

export const fresh: Record<Need, readonly string[]> = {
  none: [
    'author of Middlemarch', 'who invented the zip fastener', 'what is the latest version of node', 'when does daylight saving time end', 'my subscription status', 'tailwind container queries',
    'how old is the universe', 'where can I change my password', 'typescript 6 release notes', 'bus timetable 42', 'currency of Vietnam', 'go to billing', 'contact sales', 'what is the url of the api',
    'Which country has the most islands?', 'look up VAT number', 'are there ferries on Sunday', 'address of the town hall', 'show open issues', 'hex code for teal',
    'how far is the moon', 'is the museum open today', 'express middleware', 'what is the plural of octopus', 'chemical symbol for tungsten', 'homepage of the vitest project', 'What are the ingredients of pesto?', 'peer dependencies of storybook', 'France population 2020', 'tsconfig paths',
  ],
  generate: [
    'Summarise the main points for somebody in a hurry', 'write a haiku about snow', 'Why is the sea salty?', 'How can I make my lectures less boring?', 'Please rephrase this sentence', 'what is the point of unit tests',
    'advice on asking for a raise', 'Compose a toast for my sister\'s wedding', 'explain this error message to me', 'What\'s the best way to store tomatoes', 'Help me to write a complaint to my landlord', 'Translate to Dutch: the meeting is off',
    'simplify this legal text', 'Tell me why people like jazz', 'Should I repot my orchid now?', 'brainstorm slogans for a bakery', 'Discuss the causes of the First World War', 'add comments to this code', 'How do I politely decline a second interview?',
    'What causes inflation, in simple terms?', 'Refactor this function', 'Now make it more formal', 'Shorten the text to 100 words', 'react vs vue for a beginner', 'Would you describe the picture to me', 'extend this story by one paragraph', 'Give an example of dramatic irony', 'What does it mean to be stoic?', 'Polish this abstract for a conference', 'I need a subject line for this newsletter',
  ],
  reason: [
    'Prove by induction that 1 + 2 + … + n = n(n+1)/2', 'A shirt costs 20 % less than 50 euros and then 10 % more. How much is it now?', 'Arrange the letters so that no two vowels are adjacent, and count the ways', 'If all bloops are razzies and some razzies are lazzies, are some bloops lazzies?',
    'Find the root cause of the memory leak described below', 'Two pipes fill a tank in 6 and 9 hours. How long do both take?', 'Allocate the budget of 90 000 to five projects such that each gets at least 10 000', 'Let me think it through: three switches, one bulb, one look', 'Calculate the break-even point for these fixed and variable costs',
    'Give a proof of the Pythagorean theorem', 'How many ways are there to make 1 dollar from 5, 10 and 25 cents?', 'Solve this sudoku', 'Evaluate the integral of x * e^x from 0 to 1', 'Design a rota for 5 people over 7 days in which nobody works more than 4 days in a row', 'The sum of three consecutive numbers is 72. Which are they?',
    'Find a counterexample to the claim that every bounded sequence converges', 'Which is larger, 2^100 or 3^60? Justify each step', 'From these logs, reconstruct step by step what happened before the crash', 'Minimise the cost of shipping from two warehouses to four shops without exceeding stock', 'Is this argument valid? Check every premise and inference',
  ],
}

/** Not in English: without a sign they fall to the cheaper side, which is never reasoning. */
export const otherLanguages = [
  'Lizenz von React', 'wetter morgen', 'Fasse diesen Text zusammen', 'Warum ist der Himmel blau?', 'Beweise, dass die Wurzel aus 2 irrational ist', 'heure d\'ouverture', 'Résume cet article', 'pourquoi le pain lève',
  'horario de la biblioteca', '¿Cuál es la capital de Mongolia?', 'Escribe una carta a mi abuela', '天气预报', '请总结这篇文章', '为什么天空是蓝色的？', '東京の人口', 'この文章を要約してください', '서울 날씨', 'عاصمة منغوليا',
  'لخص هذا المقال', 'मौसम', 'इस लेख का सारांश लिखिए', 'погода завтра', 'Напиши письмо бабушке', 'İstanbul nüfusu', 'Thời tiết hôm nay',
]
