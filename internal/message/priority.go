package message

import (
	"strings"

	"vinbot/internal/ticket"
)

// ParsePriority reads a priority as people write it, in either language,
// whatever the language of the group: a beginning of the word will do.
func ParsePriority(word string) (ticket.Priority, bool) {
	word = strings.ToLower(strings.TrimSpace(word))
	const fewest = 2 // letters, of which no two words share the beginning
	if len([]rune(word)) < fewest {
		return "", false
	}
	for _, p := range ticket.Priorities() {
		for _, name := range priorityWords(p) {
			if strings.HasPrefix(name, word) {
				return p, true
			}
		}
	}
	return "", false
}

func priorityWords(p ticket.Priority) []string {
	switch p {
	case ticket.Low:
		return []string{"low", "низкий"}
	case ticket.Normal:
		return []string{"normal", "обычный", "средний"}
	case ticket.High:
		return []string{"high", "высокий"}
	case ticket.Urgent:
		return []string{"urgent", "срочный", "срочно"}
	}
	return nil
}
