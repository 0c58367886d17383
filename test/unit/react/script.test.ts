import { expect, test } from 'vitest'
import { languageOf } from '../../../src/react/script.ts'

test.each([
  ['Use an AbortController.', 'en', 'en'],
  ['Utilisez un contrôleur.', 'fr', 'fr'],
  ['أنشئ متحكّم إلغاء، ومرّر إشارته مع `fetch`.', 'en', 'ar'],
  ['צרו בקר ביטול.', 'en', 'he'],
  ['अनुरोध रद्द करें।', 'en', 'hi'],
  ['请取消请求。', 'en', 'zh'],
  ['リクエストを取り消す。', 'en', 'ja'],
  ['요청을 취소합니다.', 'en', 'ko'],
  ['Отмените запрос.', 'en', 'ru'],
  ['Ακυρώστε το αίτημα.', 'en', 'el'],
  ['ยกเลิกคำขอ', 'en', 'th'],
  ['The word 取消 means to cancel a request in Chinese.', 'en', 'en'],
  ['', 'en', 'en'],
])('%j on a page in %s is in %s', (text, locale, language) => {
  expect(languageOf(text, locale)).toBe(language)
})

test.each([['Скасуйте запит.', 'uk'], ['درخواست را لغو کنید.', 'fa-IR'], ['請取消請求。', 'zh-TW'], ['رکویسٹ منسوخ کریں۔', 'ur']])('%j is in the language of its page, %s, whose script it has', (text, locale) => {
  expect(languageOf(text, locale)).toBe(locale)
})
