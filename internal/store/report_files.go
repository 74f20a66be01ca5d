package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"vinbot/internal/ticket"
)

// fileRow is a row of report_files: a file of a report that is not its first.
type fileRow struct {
	ReportID     int64
	Position     int // from 2
	FileID       string
	UniqueID     string
	Size         int64
	Unchecked    bool
	NoText       bool
	FoundVIN     string `gorm:"column:found_vin"`
	SHA256       string `gorm:"column:sha256"`
	BlobKey      string
	OwnerMessage int
}

// TableName names the table.
func (fileRow) TableName() string { return "report_files" }

func (r fileRow) domain() ticket.File {
	return ticket.File{
		FileID: r.FileID, UniqueID: r.UniqueID, Size: r.Size, Unchecked: r.Unchecked, NoText: r.NoText, FoundVIN: r.FoundVIN,
		SHA256: r.SHA256, BlobKey: r.BlobKey, OwnerMessage: r.OwnerMessage,
	}
}

// readFiles reads the other files of a report that has more than one, which few
// have.
func (q queries) readFiles(ctx context.Context, r *ticket.Report) error {
	wanted := len(r.More)
	if wanted == 0 {
		r.More = nil
		return nil
	}
	files, err := all[fileRow](ctx, q, "read a report's files", func(db *gorm.DB) *gorm.DB {
		return db.Where("report_id = ?", r.ID).Order("position")
	})
	if err == nil && len(files) != wanted {
		err = fmt.Errorf("read report %d: it has %d files besides the first, not %d", r.ID, len(files), wanted)
	}
	r.More = files
	return err
}

func (t *tx) insertFiles(ctx context.Context, r ticket.Report) error {
	for i, f := range r.More {
		if _, err := t.exec(ctx, "insert a report's file", `
			INSERT INTO report_files (report_id, position, file_id, unique_id, size,
				unchecked, no_text, found_vin, sha256, blob_key, owner_message)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			r.ID, i+2, f.FileID, f.UniqueID, f.Size,
			f.Unchecked, f.NoText, f.FoundVIN, f.SHA256, f.BlobKey, f.OwnerMessage); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) updateFiles(ctx context.Context, r ticket.Report) error {
	for i, f := range r.More {
		if _, err := t.exec(ctx, "update a report's file", `
			UPDATE report_files SET file_id = ?, unique_id = ?, size = ?,
				unchecked = ?, no_text = ?, found_vin = ?, sha256 = ?, blob_key = ?, owner_message = ?
			WHERE report_id = ? AND position = ?`,
			f.FileID, f.UniqueID, f.Size,
			f.Unchecked, f.NoText, f.FoundVIN, f.SHA256, f.BlobKey, f.OwnerMessage, r.ID, i+2); err != nil {
			return err
		}
	}
	return nil
}

// reportFiles lists what may be kept of the files of a ticket's reports.
func (t *tx) reportFiles(ctx context.Context, id int64) ([]ticket.ReportFile, error) {
	const doing = "list a ticket's files"
	db, err := t.on(ctx)
	if err != nil {
		return nil, err
	}
	var files []ticket.ReportFile
	err = db.Raw(`SELECT id AS report, 0 AS file, blob_key AS key FROM reports WHERE ticket_id = ? AND file_id <> ''
		UNION ALL
		SELECT report_id, position, f.blob_key FROM report_files f JOIN reports ON id = report_id
		WHERE ticket_id = ? AND f.file_id <> ''
		ORDER BY 1, 2`, id, id).Scan(&files).Error
	return files, t.fault(doing, err)
}

// NamesCopy reports whether a report names a file of the archive, in the bin or
// not, or a row waits that will look once more.
func (t *tx) NamesCopy(ctx context.Context, c ticket.Copy) (named bool, err error) {
	err = t.scan(ctx, "look who names a file", sqlf(`SELECT
		EXISTS (SELECT 1 FROM reports WHERE ticket_id = ? AND blob_key = ? AND file_id <> '')
		OR EXISTS (SELECT 1 FROM report_files f JOIN reports ON id = report_id WHERE ticket_id = ? AND f.blob_key = ? AND f.file_id <> '')
		OR EXISTS (SELECT 1 FROM outbox WHERE state = 'waiting' AND kind = ? AND merge_key = ? AND merge_key <> '')`,
		c.Ticket, c.Key, c.Ticket, c.Key, string(ticket.EffectCopyUnclaimed), c.Key), &named)
	return named, err
}

// NoteArchive notes where a report's file is kept, in the bin or not, and
// reports whether the report is still to be kept.
func (t *tx) NoteArchive(ctx context.Context, file ticket.ReportFile, sha256 string) (bool, error) {
	const doing = "note a report's archive"
	if file.File <= 1 {
		n, err := t.exec(ctx, doing, `UPDATE reports SET blob_key = ?, sha256 = ? WHERE id = ? AND file_id <> ''`,
			file.Key, sha256, file.Report)
		return n == 1, err
	}
	n, err := t.exec(ctx, doing, `UPDATE report_files SET blob_key = ?, sha256 = ?
		WHERE report_id = ? AND position = ? AND file_id <> ''`, file.Key, sha256, file.Report, file.File)
	return n == 1, err
}
