// Texts the baseline tests read. Written for these tests.

export const news = `By Anna Bell
Published 4 March

A fire destroyed the covered market in the old harbour of Westport on Tuesday night, and two firefighters were injured, officials said. The blaze began in a storeroom shortly after 10 p.m. and spread through the wooden roof within minutes. "We heard a bang and then we ran," said Mr. Jonas Reed, who sells fish there. About 140 traders lost their stalls. The market was built in 1887 and had no sprinklers. Mayor Ruth Okafor promised emergency grants for the traders and said the market would be rebuilt. Police have opened an inquiry into the cause of the fire. The weather is expected to stay dry this week.`

export const paper = `Large graphs are common in many fields. Existing methods for partitioning them need the whole graph in memory, which remains a challenge. In this paper, we propose a streaming algorithm that partitions a graph while it is read once. We prove a bound on the cut it finds. Experiments on twelve graphs show that our algorithm uses 40% less memory than the state of the art. Code is available online.`

export const manual = `---
title: Caching
---

# Caching

[![build](https://example.org/badge.svg)](https://example.org)

A cache is a store that keeps the result of a slow call for a while. You can set how long with the \`ttl\` option.

## Keys

Every entry has a key, which is made from the arguments of the call. See the table below:

| option | default |
|--------|---------|
| ttl    | 60      |

\`\`\`ts
const cache = createCache({ ttl: 30 })
\`\`\`

- Call \`cache.clear()\` to remove every entry.
- Entries that have expired are removed when the cache is read.
`

export const scripts = {
  zh: '本市图书馆周一宣布，今年夏天将延长开放时间。新的时间从六月一日开始，每天开放到晚上十点。馆长说：“读者多次提出这个要求。”图书馆去年接待了八十万名读者。工作人员将增加二十人。',
  ja: '市の図書館は月曜日、今年の夏に開館時間を延長すると発表した。新しい時間は六月一日から始まり、毎日午後十時まで開館する。館長は「利用者からの要望が多かった」と述べた。昨年の利用者は八十万人だった。職員も二十人増やす。',
  ar: 'أعلنت مكتبة المدينة يوم الاثنين أنها ستمدد ساعات العمل في فصل الصيف. يبدأ التوقيت الجديد في أول يونيو وتبقى المكتبة مفتوحة حتى العاشرة مساء. هل كان هذا مطلوبا؟ قال المدير إن القراء طلبوا ذلك مرات كثيرة. زار المكتبة ثمانمئة ألف قارئ في العام الماضي.',
  hi: 'शहर के पुस्तकालय ने सोमवार को घोषणा की कि गर्मियों में खुलने का समय बढ़ाया जाएगा। नया समय एक जून से शुरू होगा और पुस्तकालय रात दस बजे तक खुला रहेगा। निदेशक ने कहा कि पाठकों ने कई बार यह मांग की थी। पिछले वर्ष आठ लाख पाठक पुस्तकालय आए थे।',
} as const

export const documents = [
  { id: 'effects', title: 'Effects', text: '# Effects\n\nThe `useEffect` hook runs a side effect after the page was painted. Return a function to clean up.\n\n## Timing\n\nUse `useLayoutEffect` to measure the page before it is painted.' },
  { id: 'sqlite', title: 'Storage', text: '# Storage\n\nThe module `node:sqlite` keeps a database in one file. It needs no server.\n\n## Transactions\n\nA transaction either changes everything or nothing. Retrieval of rows waits for open transactions.' },
  { id: 'parking', title: 'Visiting us', text: 'Parking is free after six. The entrance is in Mill Lane. Dogs are welcome in the garden.' },
]
