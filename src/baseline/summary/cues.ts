// What a sentence does in its text, told by a few set phrases. The lists are short on purpose: phrases any
// writer uses, no topic words. English first; the other languages have the commonest forms only.

/** The writer says what the text contributes: "we propose", "this paper presents", "本文提出". */
const contribution = /\b(?:we|i|(?:this|the|our|present) (?:paper|work|article|study|thesis|report|survey|letter|approach|method|framework))(?: \w+ly| also| then| first| hence| thus| therefore| further| here| attempt to| aim to)* (?:propose|present|introduce|develop|describe|design|suggest|offer|provide|derive|formulate|construct|build|create|establish|stud(?:y|ie)|investigate|explore|examine|analy[sz]e|address(?:e)?|tackle|consider|aim|focus|identify|identifie|demonstrate|extend|generali[sz]e|release|contribute|perform|conduct)s?\b|\b(?:in|with) (?:this|the present|our) (?:paper|work|article|study|research|thesis|report|survey|letter)\b|\b(?:goal|aim|purpose|contribution|focus) of (?:this|the|our) (?:paper|work|article|study|research)\b|\b(?:is|are) (?:proposed|presented|introduced)\b|\bhier(?:in|mit) stellen wir\b|\bin diese[mr] (?:arbeit|studie|beitrag|artikel)\b|\bnous (?:proposons|présentons|introduisons)\b|\bdans cet (?:article|travail)\b|\b(?:proponemos|presentamos)\b|\ben este (?:artículo|trabajo|estudio)\b|\bв (?:этой|данной) (?:работе|статье)\b|\bмы (?:предлагаем|представляем)\b|本文|本研究|本論文|本稿|我们(?:提出|介绍|设计)|提案する|이 논문|본 연구/i

/** The writers speak of themselves or their text at all. */
const own = /\b(?:we|our|this (?:paper|work|article|study))\b/i

/** The writer reports what came out: "we show", "results indicate", "outperforms". */
const result = /\b(?:we|i|authors|results?|experiments?|evaluations?|analys[ie]s|findings|evidence|study|paper|work)(?: \w+ly| also| then| further)* (?:show|find|found|demonstrate|prove|reveal|indicate|observe|suggest|confirm|achieve|report|conclude|establish)(?:s|ed)?\b|\b(?:outperform|state[- ]of[- ]the[- ]art|significant(?:ly)? (?:improve|better|reduc|increas))|\b(?:wir zeigen|nous montrons|mostramos|los resultados|les résultats|die ergebnisse|результаты)\b|结果(?:表明|显示)|实验(?:表明|结果)|結果.{0,12}示/i

/** The sentence says what a thing is or is for. */
const definition = /^(?:[^.,;:]{2,70}?) (?:is|are) (?:an?|the|used|designed|intended|part of|responsible|based)\b|\b(?:lets you|allows you|enables|provides|helps you|makes it (?:easy|possible)|is a|are a|refers to|means that|stands for|ist ein|est un|es un|è un|é um|это)\b|是(?:一|用)|とは|입니다/i

/** The sentence leans on the one before it, and reads badly alone. */
const leaning = /^["'“(]*(?:this|that|these|those|it|its|they|their|them|he|she|his|her|such|also|however|but|and|or|so|thus|hence|therefore|moreover|furthermore|additionally|in addition|instead|then|finally|similarly|likewise|consequently|nevertheless|nonetheless|otherwise|yet|meanwhile|for (?:example|instance)|in contrast|by contrast|on the other hand|as a result|specifically|in particular|to this end|again|here|below|above|aber|doch|auch|dies|mais|cela|pero|esto|это|но|但|而|因此|しかし|また|それ)(?:[\s,]|$)/i

/** The sentence only points: to a figure, a link, what follows; or it is markup in part. */
const pointing = /[:：]["'”)]*$|\b(?:see (?:also|below|above|the|fig|section|table)|click|read more|for example:|as follows|shown (?:in|below)|subscribe|sign up|cookies?|all rights reserved|copyright|photograph|image credit|advertisement|follow us|share this|last updated|(?:code|data|implementation) (?:is|are|will be)(?: made)?(?: publicly)? available)\b|https?:\/\/|<\/?[a-z][a-z\d]*[\s/>]/i

/** The writer invites, thanks, advertises, or says how to install it and under what licence. */
const inviting = /\b(?:try (?:it|out|a live)|check out|feel free|join (?:us|our|the)|pull requests?|open an issue|star (?:us|this|the)|sponsor\w*|backers?|contributors?|thanks to|special thanks|made (?:with|for|by)|(?:is|are) supported by|live demo|sandbox|used by|sign up|can be found|(?:is|are) available (?:on|at|here|from)|(?:please )?refer (?:to )?(?:the )?\[|(?:read|see|visit|go to|refer to|consult|browse) (?:the|our|its|all)?\s*\[|full doc(?:s|umentation)|documentation (?:is|can be)|discord|twitter|tutorials?\b.*\[|more examples|(?:npm|pnpm|yarn|bun|deno|pip3?|cargo|brew|go) (?:i|add|install|get)|(?:licen[cs]ed|released|distributed) under|MIT licen[cs]e)\b/i

/** The sentence describes one option, argument or function, as a list to look things up in does. */
const option = /^[*_\s-]*(?:\[?`[^`]+`\]?(?:\([^)]*\))?|--?[a-z][\w-]+|\*\*?\w+\*\*?)\s*(?:[:(\u2013\u2014{*-]|is (?:a|an|the|set|used)\b|[A-Z])|\(default[: ]|^(?:returns?|specifies|sets|defines|indicates|determines|adds the|generates an?|if (?:set|`|true|false)|(?:this|the) (?:option|parameter|argument|flag|method|function)|useful when|same as|type:|default:)\b/i

/** Speech: what somebody said. */
const speech = /["“«„「][^"”»“」]{12,}|\b(?:said|says|told|added|according to)\b/i

export const cues = { contribution, own, result, definition, leaning, pointing, inviting, option, speech }
