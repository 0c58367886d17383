// The words that rules begin, continue and end with, as pieces of expressions. A space in them is one or more.

/** Alternatives as one group, each to the end of its last word. */
export const any = (words: readonly string[]) => `(?:${words.map(word => /\w$/.test(word) ? `${word}\\b` : word).join('|').replaceAll(' ', ' +')})`

/** What stands before the verb of a request and says nothing of it. */
export const lead = `^(?:${any([
  'please', 'kindly', 'now', 'then', 'next', 'also', 'and', 'so', 'ok(?:ay)?', 'hey', 'hi', 'hello', 'first', 'just', 'quickly', 'briefly',
  '(?:can|could|would|will) (?:you|we|somebody|someone)', 'i(?:\'d| would)? (?:want|need|like) (?:you )?to', 'help me(?: to)?', 'try to',
  'you (?:should|must|need to)', 'let(?:\'s| us)', 'go ahead and', 'using [a-z]{1,20}', 'starting from [^,.]{1,60},',
])}[, :]+)*`

/** Asks for a text. */
export const writing = any([
  'summari[sz]e', 'sum(?:s)? up', 're-?cap', 'condense', 'abridge', 'draft', 'write', 'craft', 'develop an? ', 'structure an? ',
  'construct an? (?:\\w+,? ){0,3}(?:headline|sentence|paragraph|story|argument|outline|e-?mail)', 'you are (?:an?|now|the) ',
  'take on the role', 'assume the role', 'play the role', 'as an? [^,.?]{1,60}, [^]{0,40}(?:describe|explain|write|tell|introduce|say)',
  're-?write', 're-?word', 're-?phrase', 'paraphrase', 'phrase', 'word', 'formulate', 'compose', 'pen', 'jot down', 'translate',
  'locali[sz]e', 'transcribe', 'explain', 'describe', 'characteri[sz]e', 'illustrate', 'clarify', 'interpret', 'compare', 'contrast',
  'outline', 'sketch', 'brainstorm', 'suggest', 'propose', 'recommend', 'advise (?!me of|my)', 'come up with', 'think of', 'think up',
  'generate', 'create', 'invent', 'imagine', 'devise', 'expand', 'extend', 'elaborate', 'continue', 'shorten',
  'simplify (?:the|this|that|my|our|these|it)', 'tighten', 'trim', 'polish', 'improve', 'enhance', 'proof-?read', 'edit', 'correct',
  'revise', 'refine', 'critique', 'criticise', 'review (?!of)', 'comment on', 'discuss', 'argue', 'debate', 'reflect on',
  'convert (?:the|this|that|my|our|these|it)', 'transform', 'refactor', 'implement', 'code', 'document', 'annotate', 'caption', 'title',
  'name (?:three|four|five|some|a few|my|our|this)', 'answer (?:the|this|my)', 'reply', 'respond', 'apologi[sz]e',
  'tell (?:me|us) (?:about (?!my)|why (?!my|i |is my|am i)|how (?!many|much|long|far|old|to spell|i )|an? |the story|more|what (?:you|makes))',
  'tell (?:the (?!bank)|my (?!bank)|our |him |her |them )',
  '(?:make|turn|change|fix|put|rework|format|restructure|let) (?:this|these|that|it|my|the (?:text|following|tone|paragraph|sentence|above|below|notes|list)|them|our) (?!up\\b|down\\b|off\\b|on\\b|song|volume|pin\\b|account|card|credit|name\\b|password|address)',
  'make (?:an?|me an?|up an?) (?!reservation|booking|payment|appointment|transfer|reminder|call|phone)',
  'give (?:me |us )?(?:an? (?!text|call|ring)|some|three|four|five|ten|two|feedback|advice|ideas|examples|tips|arguments|reasons|your)',
  '(?:add|insert) (?:an?|some|comments|more|docs?(?:tring)?s?)',
  'list (?:the |some |three |five |ten )?(?:arguments|pros|advantages|reasons|ideas|benefits|ways|key|main)', 'highlight',
  'extract the (?:key|main)', 'prepare (?:an?|the|my|some)', 'draw up',
  'design (?:an? )?(?:logo|poster|lesson|course|curriculum|workshop|menu|website|page|flyer)',
  'plan (?:an? |my |our |the )?(?:menu|birthday|party|lesson|holiday|weekend|wedding|vacation)', 'teach', 'walk (?:me|us) through',
  'show me how', 'role-?play', 'pretend', 'act as', 'say (?:this|that|it|something|the following)', 'produce', 'mention',
  'evaluate (?:my|this|the (?:essay|text|argument|pros))', 'assess', 'analy[sz]e', 'justify', 'persuade', 'convince', 'congratulate',
  'praise', 'rate my', 'voice', 'narrate', 'retell', 'quote',
])

/** What is written down only once it has been worked out. */
export const workedOut = `(?:${[
  'proofs?', 'derivations?', 'equations?', 'formulas?', 'recurrence', 'counterexamples?', 'solutions?', 'truth table', 'rota', 'roster', 'timetable',
  'schedule', 'shift plan', 'seating plan', 'algorithm', 'answer as', 'numbers?', 'matrix', 'inverse', 'expression',
].join('|')})\\b`

/** Asks for a text whatever is in it: one about a proof proves nothing, and one that is to be shortened may hold any figures. */
export const drafting = any([
  'summari[sz]e', 'sum up', 're-?cap', 'condense', 'abridge', 'shorten', 'paraphrase', 're-?phrase', 're-?word', 're-?write', 'translate (?!into (?:logic|symbols))',
  'proof-?read', 'transcribe', 'retell', 'polish', 'tighten', 'apologi[sz]e', 'congratulate', 'reply to', 'respond to', 'caption',
  `(?:draft|write|compose|craft|pen|jot down|draw up|prepare)\\b(?! (?:(?:an?|the|out|down|me|us|your|full|formal|short|complete|direct|step-by-step) ){0,3}${workedOut}(?! of (?:delivery|payment|address)))`,
  '(?:explain|describe|tell (?:me|us|him|her|them))(?: (?:to|for) [^,.?!]{1,40})? what an? [^,.?!]{1,60} (?:is|are|means?|does)(?=[.?!]*$)', 'edit (?:this|the|my|our)', '(?:make|turn|put) (?:(?:this|these|those|that|the|my|our) (?:notes|text|following|above|points|list|paragraph|sentence|e-?mail|letter)|this|these|that|it) (?:\\w+er\\b|more \\w+|less \\w+|into (?:an? )?(?:\\w+ )?(?:e-?mail|letter|note|list|summary|story|poem|post|article|report))',
])

/** The last sentence of a longer text, where it asks what is to become of that. */
export const drafted = `[.!?:"\u2019\u201d)]\\s+(?:please |now |can you |could you )*(?:${any(['summari[sz]e', 'sum up', 'condense', 'shorten', 'paraphrase', 're-?phrase', 're-?write', 'translate', 'proof-?read'])}[^.!?]{0,120}|(?:write|draft|give me|make|compose) [^.!?]{0,60}${any(['summary', 'synopsis', 'abstract', 'headline', 'subject line', 'translation', 'recap', 'tl;?dr', 'e-?mail', 'letter', 'reply'])}[^.!?]{0,60})[.!?]?$`

/** What people ask after that has a proof, a trace or steps in its name. */
export const papers = '(?:address|identity|id|purchase|payment|delivery|income|residen\\w+|age|insurance|ownership|funds|employment|enrol\\w+|shipment|postage|receipt|vaccination|registration|return|stay|citizenship|life|concept|work|stake)\\b'
export const manuals = '(?:guides?|tutorials?|instructions?|manuals?|videos?|setup|recipes?)\\b'
export const consignments = '(?:(?:the|my|our|an?|this|that|your) )?(?:lost |missing )?(?:shipment|parcel|package|order|delivery|letter|payment|transfer|refund|luggage|baggage|suitcase|flight|consignment|phone|call|number|cheque|card)\\b'

/** Asks for a result that has to be worked out. */
export const solving = any([
  'prove', 'disprove', 're-?derive', 'derive', 'deduce', 'infer (?:which|who|whether|the)', 'solve', 'calculate (?!my)', 'compute',
  'determine (?!my)', 'work out', 'figure out (?!my|why my|when|where|how i)', 'show that', 'demonstrate that',
  'verify (?:that|whether|if) (?!i |my )', 'check whether (?!i |my )', 'check (?:my|the|this|these|our) (?:\\w+ )?(?:sums?|calculations?|arithmetic|maths?|proof|reasoning|derivation)', 'decide (?:whether|if|which)', 'minimi[sz]e', 'maximi[sz]e',
  'optimi[sz]e (?!(?:my|our|this|the) (?:text|cv|profile|title))', 'factori[sz]e', 'factor', 'integrate', 'differentiate',
  'rationali[sz]e', 'balance the (?:equation|reaction)', 'diagnose', 'debug', `trace (?!${consignments})`, 'reconcile', 'count (?!down)', 'enumerate',
  'construct (?:an? )?(?:truth|table|proof|counterexample|triangle|grammar|automaton|schedule|timetable)', 'rank the', 'order these',
  'evaluate (?:the )?(?:integral|limit|expression|sum|determinant|derivative|series|[^a-z])', 'simplify [^a-z]', 'expand [^a-z]',
  'convert [^a-z]*\\d', 'estimate (?:how|the number|the total)',
  'find (?:an? |all |the |every |two |out )?(?:bug|error|mistake|flaw|cause|root|roots|all|value|values|inverse|closed|shortest|longest|fastest|cheapest|smallest|largest|greatest|least|minimum|maximum|optimal|best (?:order|route|way to (?:assign|split|arrange))|number of|sum of|area|volume|angle|probability|counterexample|solution|solutions|real|integers?|x|n|y|what caused|why|which|where the|whether|how many|timetable|schedule|route|order|tour|path|assignment|arrangement|equation|derivative|distance between the|domain|range of|remainder|next)',
  'identify the (?:bug|flaw|root|error|fallacy)', 'rule out', 'reconstruct', 'sort out which', 'suppose', 'assume (?:that )?',
  'given (?:that|an?|the|two|three|log|\\w{1,2} )',
])

/** What a search is for whatever it is about: one for slides on a problem asks nobody to solve it. Recipes and instructions are as soon written. */
const pages = `(?:${[
  'cheat ?sheets?', 'slides?', 'templates?', 'forms?', 'checklists?', 'handbooks?', 'textbooks?', 'worksheets?', 'lectures?', 'courses?', 'trainings?', 'workshops?', 'webinars?', 'podcasts?', 'pdfs?', 'docs?',
  'documentation', 'reports?', 'articles?', 'wiki', 'glossary', 'faqs?', '(?<!truth )tables?', 'apps?', 'software', 'websites?', 'librar(?:y|ies)', 'plug-?ins?', 'guides?', 'tutorials?', 'manuals?', 'videos?',
].join('|')})\\b`
/** Words of its name: behind one of these stands what another word is about. */
const named = `(?:proof of ${papers} +|(?!(?:of|in|for|on|about|into|from|with|between|under|using)\\b)[\\w'&/-]+ +){0,5}`
const behind = '(?: +(?:for|on|about|of|from|by|in|to) [^.?!=<>]{1,60}| +\\w+)?'

/** The name of a page and no sentence: no verb that asks for a result or a text, and no question, begins it. */
export const pageNamed = `(?=(?:\\S+ +){0,7}\\S+$)(?!${lead}(?:${writing}|${solving}|(?:how|why|what|who|when|which|where|if|is|are|do|does|did|can|should|make|design|think|i|we|you|this)\\b))${named}${pages}${behind}$`
/** A page that is to be opened. */
export const pageOpened = `(?!${solving})(?:open|show(?: me)?|display|download|find(?: me)?|search for|look up|go to|take me to|bring up|pull up|link to|where(?:'s| is| are| can i find)) +${named}${pages}(?=[.?!]*$| +(?:for|on|about|of|from|by|to)\\b| +\\d)`

/** Asks for a plan, which takes steps if it is under bounds. */
export const planning = any([
  'schedule', 'assign', 'arrange', 'seat', 'allocate', 'distribute', 'divide', 'split', 'pack', 'plan', 'place', 'partition', 'choose',
  'select', 'pick', 'fill', 'design', 'build', 'draw up', 'create', 'make', 'find', 'which', 'what', 'how should', 'organi[sz]e', 'put',
  'draft', 'write', 'group', 'match', 'pair', 'route', 'order', 'fit', 'cut', 'rota', 'timetable',
])

/** Asks for one in writing. */
export const planWritten = '(?:draft|write|compose|prepare|draw up|put together|make|create)\\b(?: (?:an?|the|out|me|us|our|full|complete|new|weekly|daily)){0,3} (?:rota|roster|timetable|schedule|(?:shift|seating|duty) plan)\\b'

/** What a plan must keep to. */
export const bounds = any([
  'so that', 'such that', 'in such a way', 'without (?:overlap|exceed|any two|two|repeat|break)\\w*', 'no two', 'nobody', 'none overlap',
  'nothing overlaps', 'at most', 'at least', 'no more than', 'no fewer than', 'must not', 'cannot both', 'exclude each other', 'each once',
  'exactly once', 'as (?:short|small|few|cheap|large|long|little) as possible', 'as few \\w{1,20} as possible',
  '(?:total|overall) (?:cost|distance|time|weight) is', 'lowest total', 'smallest number', 'exactly (?:one|two|three)', 'subject to',
  'constraints?', 'everybody plays', 'worth the most', 'earn the most', 'knowing that',
])

/** Asks a program to do what it has a button for. */
export const commands = any([
  '(?:turn|switch) (?:on|off|the|up|down|to)', 'mute', 'unmute', 'pause', 'resume', 'play', 'stop', 'skip', 'call', 'dial', 'text', 'book',
  'reserve', 'order', 'buy', 'cancel', 'unsubscribe', 'subscribe', 'reset', 'change (?:my|the|delivery|language|password)',
  'update (?:my|the)', 'set (?:an?|the|my|up)', 'remind me', 'mark', 'delete', 'remove', 'archive', 'transfer', 'pay', 'top up', 'freeze',
  'block', 'unlock', 'activate', 'renew', 'confirm', 'check (?:my|the (?:status|balance|weather))', 'track', 'upload', 'print', 'export',
  'share (?:my|this)', 'add \\S+ to (?:my|the)', 'roll', 'flip', 'spell', 'repeat', `trace ${consignments}`,
])

/** Asks for a place or a thing that exists. */
export const places = any([
  'go to', 'open', 'show(?: me)?(?: all| my| the| open)?', 'find', 'list', 'search(?: for)?', 'look ?up', 'navigate to', 'take me to',
  'bring up', 'pull up', 'display', 'fetch', 'get me', 'where (?:is|are|can|do)', 'log ?(?:in|out)', 'sign ?(?:in|out|up)', 'settings',
  'home ?page', 'download', 'install', 'changelog', 'release notes?', 'docs?', 'documentation', 'api reference', 'readme', 'pricing',
  'contact', 'name the', 'give me the (?:address|number|name|link|date|price|phone)',
  'tell me (?:the (?:time|date|price|address|name|number|capital)|when|where|who)',
  'i(?:\'d| would) like to know (?:where|when|who|which|the)',
])

/** Asks for a quantity, or for one of several. */
export const quantities = any([
  'how (?:many|much|long|far|fast|old|high|tall|deep|wide|heavy|likely|often|big|large)',
  'what (?:is|was|are|were|will be|did|does|must|percentage|fraction|distance|speed|time|number|day|length|area|age)',
  'when (?:do|does|did|will|is|are)', 'which', 'by how much', 'in how many', 'after how many', 'on which', 'who', 'find', 'is it', 'can',
  'calculate', 'what',
])

export const figure = '(?:\\d[\\d.,]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twice|half|double|triple|thrice|dozen|hundred|thousand)'
