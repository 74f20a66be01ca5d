package demo

import (
	"bytes"
	_ "embed"
	"errors"
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
	typePDF   = "application/pdf"
	typePNG   = "image/png"
	typeAny   = "application/octet-stream"
)

//go:embed sample.pdf
var samplePDF []byte

// upload is a document as a person attaches it.
type upload struct {
	scene
	name, kind string
	data       []byte
	caption    string
	replyTo    int
}

// readUpload reads a form with the fields as, chat, caption, reply_to, and
// either a file or sample, which is the sample report.
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
	if to := r.PostFormValue("reply_to"); to != "" {
		var err error
		if u.replyTo, err = strconv.Atoi(to); err != nil {
			return upload{}, refuse(http.StatusBadRequest, "reply_to is not a number")
		}
	}
	if r.PostFormValue("sample") != "" {
		u.name, u.kind, u.data = "vehicle-history-report.pdf", typePDF, samplePDF
		return u, nil
	}
	files := form.File["file"]
	if len(files) != 1 {
		return upload{}, refuse(http.StatusBadRequest, "exactly one file at a time")
	}
	return u, u.attach(files[0])
}

func (u *upload) attach(header *multipart.FileHeader) error {
	file, err := header.Open()
	if err != nil {
		return refuse(http.StatusBadRequest, "the file cannot be read")
	}
	defer file.Close()
	if u.data, err = io.ReadAll(file); err != nil {
		return refuse(http.StatusBadRequest, "the file cannot be read")
	}
	if len(u.data) == 0 {
		return refuse(http.StatusBadRequest, "the file is empty")
	}
	u.name, u.kind = cleanName(header.Filename), typeAny
	if kind, _, err := mime.ParseMediaType(header.Header.Get("Content-Type")); err == nil {
		u.kind = kind
	}
	return nil
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

// sendDocument sends what somebody attached.
func (w *world) sendDocument(u upload) error {
	s, err := w.speaker(u.scene)
	if err != nil {
		return err
	}
	if err := checkText(u.caption, maxCaption); err != nil {
		return err
	}
	if err := w.reserve(int64(len(u.data))); err != nil {
		return err
	}
	return w.say(s, telegramtest.Document(u.name, u.kind, u.data).WithCaption(u.caption), u.replyTo)
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
