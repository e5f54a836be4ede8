// Texts that stand out too little from what is behind them (WCAG 2.2, 1.4.3: 4.5 to 1, or 3 to 1 for large ones).
() => {
  const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
  const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);

  const behind = (part) => {
    for (; part; part = part.parentElement) {
      const colour = numbers(getComputedStyle(part).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const isFaint = (part) => {
    const style = getComputedStyle(part);
    const colour = numbers(part.closest('svg') ? style.fill : style.color);
    const [light, dark] = [luminance(colour), luminance(behind(part))].sort((one, other) => other - one);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    return (light + 0.05) / (dark + 0.05) < (large ? 3 : 4.5);
  };
  const hasWords = (part) => [...part.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());

  return [...document.querySelectorAll('body *')]
    .filter((part) => part.checkVisibility({visibilityProperty: true}) && hasWords(part) && isFaint(part))
    .map((part) => part.outerHTML.slice(0, 160));
}
