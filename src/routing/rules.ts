import type { Need } from '../core/index.ts'

/** A sign in the text, what it says of the need, and how sure it is, 0 to 1. */
export interface Rule {
  readonly code: string
  readonly need: Need
  readonly sure: number
  readonly sign: RegExp
}

// In order: the first sign that is found decides. Written by hand for what a small training set
// lacks; each is about the form of a request, not its subject. Anybody's text is read with these:
// what repeats must not overlap with what follows it, or reading takes for ever.
export const rules: readonly Rule[] = [
  { code: 'proof', need: 'reason', sure: 0.9, sign: /^(?:please |can you |could you )?(?:prove|disprove|derive)\b|\bprove that\b|\bproof (?:of|that)\b/i },
  { code: 'constraints', need: 'reason', sure: 0.85, sign: /\b(?:at most|at least|no two|exactly (?:one|two|three)|each of|such that)\b[^]*\b(?:how many|which|find|assign|schedule|arrange|seat)\b|\bwhich\b[^]*\bexactly (?:one|two|three)\b|\b(?:schedule|assign|arrange|seat|allocate|pack)\b[^]*\b(?:so that|such that|without|no two|at most|must not|cannot)\b/i },
  { code: 'steps', need: 'reason', sure: 0.8, sign: /\bstep[- ]by[- ]step\b|\bthink (?:hard|carefully|it through)\b|\bdebug (?:this|why)\b|\broot cause\b|\bwhat(?:'s| is) the (?:time )?complexity\b|\btrade-?offs? between\b|\bshow your work(?:ing)?\b|\bprove it\b|\bprobability (?:of|that)\b/i },
  { code: 'solve', need: 'reason', sure: 0.8, sign: /^(?:please |can you |could you |help me )*(?:solve|calculate|compute|deduce|work out|show that|determine (?:whether|if|the|all|how)|verify (?:that|whether)|find (?:all|the (?:bug|error|mistake|cause|flaw)))\b/i },
  { code: 'word-problem', need: 'reason', sure: 0.8, sign: /^(?=[^]*\bhow (?:many|much|long|far|fast|old)\b)\D*\d[\d.,:]*[^\d.,:]\D*\d/i },
  { code: 'imperative', need: 'generate', sure: 0.9, sign: /^(?:(?:please|now|then|can you|could you|would you|i (?:want|need) you to|help me(?: to)?)[, ]+)*(?:summari[sz]e|sum up|draft|write|re-?write|rephrase|paraphrase|translate|explain|describe|compare|contrast|outline|brainstorm|suggest|propose|recommend|generate|compose|create|expand|shorten|simplify|improve|proofread|convert|refactor|implement|critique|discuss|elaborate|tell me (?:about|why|how|a)|(?:make|turn|change|fix) (?:this|these|that|it|my|the))\b/i },
  { code: 'explanation', need: 'generate', sure: 0.75, sign: /^(?:why|how (?:do|does|did|can|could|would|should|to|come|is|are)|what (?:happens|would|should|does .* mean|are the (?:differences?|pros|advantages|benefits|reasons))|what(?:'s| is) the (?:difference|best|point|meaning|purpose|reason)|what causes|should i|is it (?:safe|ok|better|worth)|when should|which (?:is|should|would) )\b/i },
  { code: 'advice', need: 'generate', sure: 0.7, sign: /\b(?:vs\.?|versus|difference between|pros and cons|best way to|advice|ideas? for|tips (?:for|on)|best practices?|tldr|in (?:simple|plain) (?:terms|words))\b/i },
  { code: 'fact', need: 'none', sure: 0.85, sign: /^(?:who|when|where|whose|whom|what (?:is|was|are) (?:the|my|our) [\w .'-]{1,40}|what(?:'s| is) [\w.'-]+(?: [\w.'-]+){0,2}|which (?:version|year|country|city|port|file)|how (?:many|much|old|tall|far|long|big)\b|what (?:time|year|day|date|version|port|color|colour|country|city)|is there|are there|do (?:you|we) have|does .{1,40} support|what does [\w .'-]{1,40} stand for|define)\b/i },
  { code: 'status', need: 'none', sure: 0.9, sign: /\b(?:weather|forecast|opening hours?|open (?:now|today)|status|balance|stock price|exchange rate|score|schedule|timetable|tracking|track (?:my|the)|order (?:number|status)|near(?:by| me)|phone number|address of|directions to)\b/i },
  { code: 'place', need: 'none', sure: 0.85, sign: /^(?:go to|open|show(?: me)?|find|list|search(?: for)?|look ?up|navigate to|take me to|log ?in|sign ?in|settings|home ?page|download|install|changelog|release notes?|docs?|documentation|api reference|readme|pricing|contact)\b/i },
  { code: 'property', need: 'none', sure: 0.9, sign: /\b(?:licen[cs]e|version|author|maintainers?|changelog|release (?:date|notes)|homepage|repository|repo|url|size|default value|deprecated|types?|peer dependenc(?:y|ies)|engines?|exports)\b(?: (?:of|for|in) \S+(?: \S+)?)?\??$/i },
]

/** Short text with no verb form of the above is a search, as people type searches. */
export const searchWords = 4
