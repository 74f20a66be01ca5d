package demo

import (
	"bytes"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"strconv"
	"strings"
	"unicode"

	"vinbot/internal/telegramtest"
)

const (
	// maxUpload lets a file through that the bot refuses as too large.
	maxUpload = 24 << 20
	maxName   = 120
	// maxAlbum is how many files Telegram sends together.
	maxAlbum = 10
	typePDF  = "application/pdf"
	typePNG  = "image/png"
	typeAny  = "application/octet-stream"
)

//go:embed sample.pdf
var samplePDF []byte

// upload is what a person attaches and sends at once.
type upload struct {
	scene
	files   []attachment
	caption string
	replyTo int
}

// attachment is a file of it.
type attachment struct {
	name, kind string
	data       []byte
}

// readUpload reads a form with the fields as, chat, caption, reply_to, files,
// and samples, which is how many sample reports go behind them.
func readUpload(w http.ResponseWriter, r *http.Request) (upload, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
	if err := r.ParseMultipartForm(maxUpload); err != nil { //nolint:gosec // MaxBytesReader above bounds it
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return upload{}, refuse(http.StatusRequestEntityTooLarge, "the demo takes files of up to 24 MB")
		}
		return upload{}, refuse(http.StatusBadRequest, "the form cannot be read")
	}
	form := r.MultipartForm
	u := upload{
		scene:   scene{As: r.PostFormValue("as"), Chat: r.PostFormValue("chat")},
		caption: strings.TrimSpace(r.PostFormValue("caption")),
	}
	var err error
	if u.replyTo, err = number(r.PostFormValue("reply_to")); err != nil {
		return upload{}, refuse(http.StatusBadRequest, "reply_to is not a number")
	}
	samples, err := number(r.PostFormValue("samples"))
	if err != nil {
		return upload{}, refuse(http.StatusBadRequest, "samples is not a number")
	}
	if n := len(form.File["file"]) + samples; samples < 0 || n < 1 || n > maxAlbum {
		return upload{}, refuse(http.StatusBadRequest, "from 1 to %d files at a time", maxAlbum)
	}
	for _, header := range form.File["file"] {
		file, err := attached(header)
		if err != nil {
			return upload{}, err
		}
		u.files = append(u.files, file)
	}
	for i := range samples {
		u.files = append(u.files, sample(i+1))
	}
	return u, nil
}

// number reads a number that may be left out, which is none.
func number(field string) (int, error) {
	if field == "" {
		return 0, nil
	}
	return strconv.Atoi(field) //nolint:wrapcheck // the caller says which field it is
}

// sample is the nth sample report of an upload.
func sample(n int) attachment {
	name := "vehicle-history-report.pdf"
	if n > 1 {
		name = fmt.Sprintf("vehicle-history-report-%d.pdf", n)
	}
	return attachment{name: name, kind: typePDF, data: samplePDF}
}

func attached(header *multipart.FileHeader) (attachment, error) {
	file, err := header.Open()
	if err != nil {
		return attachment{}, refuse(http.StatusBadRequest, "the file cannot be read")
	}
	defer file.Close()
	a := attachment{name: cleanName(header.Filename), kind: typeAny}
	if a.data, err = io.ReadAll(file); err != nil {
		return attachment{}, refuse(http.StatusBadRequest, "the file cannot be read")
	}
	if len(a.data) == 0 {
		return attachment{}, refuse(http.StatusBadRequest, "the file is empty")
	}
	if kind, _, err := mime.ParseMediaType(header.Header.Get("Content-Type")); err == nil {
		a.kind = kind
	}
	return a, nil
}

// cleanName keeps of a file's name what can be shown.
func cleanName(name string) string {
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/")))
	if runes := []rune(name); len(runes) > maxName {
		extension := []rune(path.Ext(name))
		extension = extension[:min(len(extension), 10)]
		name = string(runes[:maxName-len(extension)]) + string(extension)
	}
	if strings.Trim(name, "./ ") == "" {
		return "file"
	}
	return name
}

// sendDocuments sends what somebody attached: several files as an album, a
// message each, of which the first one has the caption and the reply.
func (w *world) sendDocuments(u upload) error {
	s, err := w.speaker(u.scene)
	if err != nil {
		return err
	}
	if err := checkText(u.caption, maxCaption); err != nil {
		return err
	}
	size := 0
	contents := make([]telegramtest.Content, len(u.files))
	album := rand.Text()
	for i, f := range u.files {
		size += len(f.data)
		contents[i] = telegramtest.Document(f.name, f.kind, f.data)
		if len(u.files) > 1 {
			contents[i] = contents[i].InAlbum(album)
		}
	}
	if err := w.reserve(int64(size)); err != nil {
		return err
	}
	contents[0] = contents[0].WithCaption(u.caption)
	return w.say(s, u.replyTo, contents...)
}

// reserve counts a file's bytes, as long as there is room for them.
func (w *world) reserve(size int64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.kept+size > maxKept {
		return refuse(http.StatusInsufficientStorage, "the demo's memory is full: start it again")
	}
	w.kept += size
	return nil
}

// document gives the file of a message.
func (w *world) document(chat string, message int) (telegramtest.File, []byte, error) {
	for id, key := range w.feed.chats {
		if key != chat {
			continue
		}
		m, ok := w.sim.Now(telegramtest.Message{ChatID: id, ID: message})
		file := m.Document
		if file == nil {
			file = m.Photo
		}
		if !ok || file == nil {
			break
		}
		if data, ok := w.sim.Bytes(file.ID); ok {
			return *file, data, nil
		}
	}
	return telegramtest.File{}, nil, refuse(http.StatusNotFound, "there is no such file")
}

// serveDocument answers with a file: a PDF is shown, anything else is saved,
// so that nothing that somebody attached runs as a page of the demo's.
func serveDocument(w http.ResponseWriter, r *http.Request, file telegramtest.File, data []byte) {
	kind, disposition := typeAny, "attachment"
	if file.MimeType == typePDF && bytes.HasPrefix(data, []byte("%PDF-")) {
		kind, disposition = typePDF, "inline"
	}
	if bytes.HasPrefix(data, []byte("\x89PNG\r\n")) { // a picture runs nothing
		kind, disposition = typePNG, "inline"
	}
	header := w.Header()
	header.Set("Content-Type", kind)
	header.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": file.Name}))
	header.Set("Content-Length", strconv.Itoa(len(data)))
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'")
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(data) // a browser that left does not matter
}
