package answer

import (
	"slices"
	"strings"
)

// yeses and noes are short answers of all languages, without apostrophes.
var (
	yeses = []string{"yes", "y", "ok", "okay", "right", "correct", "да", "ага", "верно", "правильно", "ha", "xa", "togri", "ҳа", "ха", "тўғри"}
	noes  = []string{"no", "n", "wrong", "change", "нет", "неверно", "изменить", "yoq", "yuq", "йўқ", "йук"}
)

// YesNo reads a short answer. said is false when it is neither yes nor no.
func YesNo(text string) (yes, said bool) {
	word := strings.Map(func(r rune) rune {
		if strings.ContainsRune("'`ʻʼ‘’.!", r) {
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(text)))
	yes = slices.Contains(yeses, word)
	return yes, yes || slices.Contains(noes, word)
}
