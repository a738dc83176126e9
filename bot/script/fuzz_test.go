package script

import (
	"regexp"
	"slices"
	"testing"
	"unicode/utf8"
)

// FuzzScript holds the promises that are for any text: nothing panics, what is UTF-8 stays so, blanks of templates, tags
// and links come out of ToCyrillic as they went in, and normalizing and folding twice is doing it once.
func FuzzScript(f *testing.F) {
	for _, v := range vectors {
		f.Add(v.latin)
		f.Add(v.cyrillic)
	}
	f.Add(`<b>{{.Title}}</b> O'zbekiston &amp; https://example.org/sh?ch=1 @nom #teg /help (a) 5 < 6 {{ x`)
	f.Add("\xff\xfe ʻʼ ''' oʻʼʻ s̱ʼh \u0300")
	f.Fuzz(func(t *testing.T, s string) {
		cyrillic := ToCyrillic(s)
		if utf8.ValidString(s) {
			for name, out := range map[string]string{"ToCyrillic": cyrillic, "ToLatin": ToLatin(s), "Normalize": Normalize(s), "Fold": Fold(s)} {
				if !utf8.ValidString(out) {
					t.Errorf("%s(%q) is no UTF-8: %q", name, s, out)
				}
			}
		}
		if want, got := kept.FindAllString(s, -1), kept.FindAllString(cyrillic, -1); !slices.Equal(want, got) {
			t.Errorf("ToCyrillic(%q) = %q: of %q is left %q", s, cyrillic, want, got)
		}
		if once := Normalize(s); Normalize(once) != once {
			t.Errorf("Normalize(%q) = %q, and again %q", s, once, Normalize(once))
		}
		if once := Fold(s); Fold(once) != once {
			t.Errorf("Fold(%q) = %q, and again %q", s, once, Fold(once))
		}
	})
}

// kept are blanks and the tags that our messages have.
var kept = regexp.MustCompile(`\{\{[^{}]*\}\}|</?(?:b|i|u|s|code|a)>|<a href="[^"<>]*">`)

func BenchmarkToCyrillic(b *testing.B) {
	const text = "Qurolli mojaroli hududlardan qaytarilgan shaxslarni reabilitatsiya va reintegratsiya qilish masalalari boʻyicha kengash"
	b.ReportAllocs()
	for b.Loop() {
		ToCyrillic(text)
	}
}

func BenchmarkFold(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Fold("O‘zbekiston poytaxtidagi keyingi yig'ilish qachon")
	}
}
