/** Focuses what a control's box is about: the answer's heading, else its first button, else the box. */
export function focusIn(box: HTMLElement, options?: FocusOptions): void {
  const find = (selector: string) => box.querySelector<HTMLElement>(selector)
  const target = find('[data-sparing-focus]') ?? find('button') ?? box
  target.focus(options)
}
