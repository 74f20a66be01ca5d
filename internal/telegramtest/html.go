package telegramtest

import (
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// openTag is a tag of an HTML text that waits for its end.
type openTag struct {
	name     string
	entity   Entity
	position int
}

// htmlText parses Telegram's HTML into the text that people see and its entities.
type htmlText struct {
	in       string
	out      strings.Builder
	units    int // UTF-16 code units written
	open     []openTag
	entities []Entity
}

// parseHTML follows the real parser in what it accepts and in how it words what it refuses.
func parseHTML(in string) (string, []Entity, error) {
	h := &htmlText{in: in}
	for i := 0; i < len(in); {
		next, err := h.step(i)
		if err != nil {
			return "", nil, err
		}
		i = next
	}
	if len(h.open) > 0 {
		name := h.open[len(h.open)-1].name
		return "", nil, refuse(`Can't find end tag corresponding to start tag "%s"`, name)
	}
	slices.SortStableFunc(h.entities, func(a, b Entity) int {
		if a.Offset != b.Offset {
			return a.Offset - b.Offset
		}
		return b.Length - a.Length
	})
	return h.out.String(), h.entities, nil
}

func (h *htmlText) step(i int) (int, error) {
	switch {
	case h.in[i] == '&':
		return h.reference(i), nil
	case h.in[i] != '<':
		end := i + 1
		for end < len(h.in) && h.in[end] != '<' && h.in[end] != '&' {
			end++
		}
		h.write(h.in[i:end])
		return end, nil
	case strings.HasPrefix(h.in[i:], "</"):
		return h.endTag(i)
	default:
		return h.startTag(i)
	}
}

func (h *htmlText) write(s string) {
	h.out.WriteString(s)
	h.units += utf16Len(s)
}

// reference decodes &lt; &gt; &amp; &quot; and numeric ones; any other & stands for itself.
func (h *htmlText) reference(i int) int {
	end := strings.IndexByte(h.in[i:], ';')
	const longest = 10
	if end > 1 && end <= longest {
		ref := h.in[i : i+end+1]
		decoded := html.UnescapeString(ref)
		known := ref == "&lt;" || ref == "&gt;" || ref == "&amp;" || ref == "&quot;" || ref[1] == '#'
		if known && decoded != ref {
			h.write(decoded)
			return i + end + 1
		}
	}
	h.write("&")
	return i + 1
}

func (h *htmlText) endTag(begin int) (int, error) {
	length := strings.IndexByte(h.in[begin:], '>')
	if length < 0 {
		return 0, refuse("Unclosed end tag at byte offset %d", begin)
	}
	if len(h.open) == 0 {
		return 0, refuse("Unexpected end tag at byte offset %d", begin)
	}
	name := strings.ToLower(strings.TrimRight(h.in[begin+2:begin+length], " \t\r\n"))
	top := h.open[len(h.open)-1]
	if name != "" && name != top.name {
		return 0, refuse(`Unmatched end tag at byte offset %d, expected "</%s>", found "</%s>"`,
			begin, top.name, name)
	}
	h.open = h.open[:len(h.open)-1]
	top.entity.Length = h.units - top.entity.Offset
	if top.entity.Type == "text_link" && top.entity.URL == "" {
		top.entity.URL = h.out.String()[top.position:]
	}
	if top.entity.Length > 0 && top.entity.Type != "" {
		h.entities = append(h.entities, top.entity)
	}
	return begin + length + 1, nil
}

func (h *htmlText) startTag(begin int) (int, error) {
	length := strings.IndexByte(h.in[begin:], '>')
	if length < 0 {
		return 0, refuse("Unclosed start tag at byte offset %d", begin)
	}
	name, attributes, _ := strings.Cut(h.in[begin+1:begin+length], " ")
	name = strings.ToLower(strings.TrimSpace(name))
	entity, ok := tagEntity(name)
	if !ok {
		return 0, refuse(`Unsupported start tag "%s" at byte offset %d`, name, begin)
	}
	values, err := readAttributes(name, attributes, begin)
	if err != nil {
		return 0, err
	}
	switch name {
	case "a":
		entity = linkEntity(values["href"])
	case "span":
		if values["class"] != "tg-spoiler" {
			return 0, refuse(`Tag "span" must have class "tg-spoiler" at byte offset %d`, begin)
		}
	case "code":
		h.language(values["class"])
	case "blockquote":
		if _, ok := values["expandable"]; ok {
			entity.Type = "expandable_blockquote"
		}
	}
	entity.Offset = h.units
	h.open = append(h.open, openTag{name: name, entity: entity, position: h.out.Len()})
	return begin + length + 1, nil
}

// language notes the language of a <pre><code class="language-go">.
func (h *htmlText) language(class string) {
	if language, ok := strings.CutPrefix(class, "language-"); ok && len(h.open) > 0 && h.open[len(h.open)-1].name == "pre" {
		h.open[len(h.open)-1].entity.Language = language
	}
}

func tagEntity(name string) (Entity, bool) {
	switch name {
	case "b", "strong":
		return Entity{Type: "bold"}, true
	case "i", "em":
		return Entity{Type: "italic"}, true
	case "u", "ins":
		return Entity{Type: "underline"}, true
	case "s", "strike", "del":
		return Entity{Type: "strikethrough"}, true
	case "span", "tg-spoiler":
		return Entity{Type: "spoiler"}, true
	case "code", "pre", "blockquote":
		return Entity{Type: name}, true
	case "a":
		return Entity{}, true
	case "tg-emoji":
		return Entity{Type: "custom_emoji"}, true
	}
	return Entity{}, false
}

func linkEntity(href string) Entity {
	id, ok := strings.CutPrefix(href, "tg://user?id=")
	if user, err := strconv.ParseInt(id, 10, 64); ok && err == nil {
		return Entity{Type: "text_mention", User: &wireUser{ID: user}}
	}
	return Entity{Type: "text_link", URL: href}
}

// readAttributes reads name="value" pairs; only expandable may stand alone.
func readAttributes(tag, in string, begin int) (map[string]string, error) {
	values := map[string]string{}
	for in = strings.TrimSpace(in); in != ""; in = strings.TrimSpace(in) {
		end := strings.IndexAny(in, "= \t\r\n")
		if end == 0 {
			return nil, refuse(`Empty attribute name in the tag "%s" at byte offset %d`, tag, begin)
		}
		if end < 0 {
			end = len(in)
		}
		name := strings.ToLower(in[:end])
		in = strings.TrimSpace(in[end:])
		if !strings.HasPrefix(in, "=") {
			values[name] = ""
			continue
		}
		in = strings.TrimSpace(in[1:])
		value, rest, err := attributeValue(tag, in, begin)
		if err != nil {
			return nil, err
		}
		values[name], in = html.UnescapeString(value), rest
	}
	return values, nil
}

func attributeValue(tag, in string, begin int) (value, rest string, err error) {
	if in == "" {
		return "", "", refuse(`Unclosed start tag "%s" at byte offset %d`, tag, begin)
	}
	if in[0] == '"' || in[0] == '\'' {
		value, rest, found := strings.Cut(in[1:], in[:1])
		if !found {
			return "", "", refuse("Unclosed start tag at byte offset %d", begin)
		}
		return value, rest, nil
	}
	value, rest, _ = strings.Cut(in, " ")
	return value, rest, nil
}

// refuse words an error as Telegram does, with a capital letter.
func refuse(format string, args ...any) error { return fmt.Errorf(format, args...) }

// utf16Len is the length that Telegram counts.
func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}
