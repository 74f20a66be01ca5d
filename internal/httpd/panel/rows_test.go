package panel_test

import (
	"html"
	"io/fs"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
)

// values is a form, whose fields come in pairs.
func values(fields []string) url.Values {
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return form
}

// rowsIn are the numbers of the tickets that a page of the queue shows, in order.
func rowsIn(text string) (ids []int64) {
	for _, m := range regexp.MustCompile(`<tr id="row-(\d+)"`).FindAllStringSubmatch(text, -1) {
		id, _ := strconv.ParseInt(m[1], 10, 64)
		ids = append(ids, id)
	}
	return ids
}

// nextIn is the address of the page that follows; empty on the last one.
func nextIn(text string) string {
	m := regexp.MustCompile(`<a href="([^"]+)" rel="next">`).FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

// filepathWalk tells of every file in a folder.
func filepathWalk(dir string, found func()) error {
	return filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			found()
		}
		return err
	})
}
