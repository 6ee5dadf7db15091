#ifndef DUM_TOOLS_BACKUP_COMMANDS_H
#define DUM_TOOLS_BACKUP_COMMANDS_H
/* backup_commands - the commands of dum-backup, each in a file of its own. */
#include "backup.h"

/* A command; errors are told by the caller by err, exit by its status. */
typedef enum dum_status (*backup_fn)(struct backup *backup, int *exit_out,
                                     struct dum_error *err);
DUM_MUST_CHECK enum dum_status backup_cmd_create(struct backup *backup,
                                                 int *exit_out,
                                                 struct dum_error *err);
DUM_MUST_CHECK enum dum_status backup_cmd_list(struct backup *backup,
                                               int *exit_out,
                                               struct dum_error *err);
DUM_MUST_CHECK enum dum_status backup_cmd_verify(struct backup *backup,
                                                 int *exit_out,
                                                 struct dum_error *err);
DUM_MUST_CHECK enum dum_status backup_cmd_cat(struct backup *backup,
                                              int *exit_out,
                                              struct dum_error *err);
DUM_MUST_CHECK enum dum_status backup_cmd_rekey(struct backup *backup,
                                                int *exit_out,
                                                struct dum_error *err);
DUM_MUST_CHECK enum dum_status backup_cmd_restore(struct backup *backup,
                                                  int *exit_out,
                                                  struct dum_error *err);
DUM_MUST_CHECK enum dum_status backup_cmd_prune(struct backup *backup,
                                                int *exit_out,
                                                struct dum_error *err);
DUM_MUST_CHECK enum dum_status backup_cmd_schedule(struct backup *backup,
                                                   int *exit_out,
                                                   struct dum_error *err);
DUM_MUST_CHECK enum dum_status backup_cmd_ship(struct backup *backup,
                                               int *exit_out,
                                               struct dum_error *err);
DUM_MUST_CHECK enum dum_status backup_cmd_diff(struct backup *backup,
                                               int *exit_out,
                                               struct dum_error *err);
DUM_MUST_CHECK enum dum_status backup_cmd_extract(struct backup *backup,
                                                  int *exit_out,
                                                  struct dum_error *err);

/* A job for dum-api; see ops/job_start.h. */
DUM_MUST_CHECK enum dum_status backup_cmd_job(struct backup *backup,
                                              int *exit_out,
                                              struct dum_error *err);

DUM_MUST_CHECK enum dum_status backup_cmd_sync(struct backup *backup,
                                               int *exit_out,
                                               struct dum_error *err);
DUM_MUST_CHECK enum dum_status backup_cmd_restore_config(struct backup *backup,
                                                         int *exit_out,
                                                         struct dum_error *err);

#endif
