//! Backups: taken as one document, and imported into an install in which nothing is set up yet.

use std::io::{Read, Write};

use axum::body::{Body as Stream, Bytes};
use axum::extract::{Extension, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use contract::Problem;
use contract::backup::{BackupImported, ImportBackup, MOST_BYTES, NightlyBackup, ShowNightlyBackup, TakeBackup};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use futures::{StreamExt, stream};

use crate::backup::NotImported;
use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::Failure;
use crate::http::middleware::extract::Upload;
use crate::http::routes::Routes;
use store::ledger::BackupError;

/// Bytes handed over at once.
const CHUNK: usize = 64 * 1024;
/// The most that a backup may come to while it is packed in memory.
const MOST_PACKED: usize = 48 * 1024 * 1024;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(TakeBackup, take).on(ShowNightlyBackup, nightly).on(ImportBackup, import)
}

/// The whole ledger at one moment. It is packed in memory, where it takes a tenth of its length, and unpacked while it is handed over.
async fn take(State(app): State<App>, Extension(caller): Extension<Caller>) -> Result<Response, Failure> {
    let packed = app.take_backup(&caller.name)?;
    let name = format!("seatbridge-{}.json", app.now().format("%Y-%m-%d"));
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    let unpacked = stream::unfold(GzDecoder::new(std::io::Cursor::new(packed)), |mut packed| async move {
        let mut chunk = vec![0; CHUNK];
        match packed.read(&mut chunk) {
            Ok(0) => None,
            Ok(length) => {
                chunk.truncate(length);
                Some((Ok(Bytes::from(chunk)), packed))
            }
            Err(error) => Some((Err(error), packed)),
        }
    });
    Ok((headers, Stream::from_stream(unpacked)).into_response())
}

async fn nightly(State(app): State<App>) -> Result<Json<NightlyBackup>, Failure> {
    Ok(Json(app.nightly_backup()?))
}

#[worker::send]
async fn import(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Upload(body): Upload,
) -> Result<Json<BackupImported>, Failure> {
    let packed = pack(body).await?;
    let imported = app.import_backup(&packed, &caller.name).await.map_err(refusal)?;
    Ok(Json(imported))
}

/// A body to its end, packed while it comes in.
async fn pack(body: Stream) -> Result<Vec<u8>, Failure> {
    let too_large = || {
        let detail = "At most 256 MiB are read.";
        Failure::from(Problem::new(
            413,
            "too_large",
            "The backup is too large.",
            detail,
            "Restore the Durable Object to a point in time instead.",
        ))
    };
    let cut_off =
        |_| Failure::from(Problem::new(400, "cut_off", "The backup did not arrive whole.", "Nothing was imported.", "Send it again."));
    let (mut packed, mut length) = (GzEncoder::new(Vec::new(), Compression::fast()), 0);
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(cut_off)?;
        length += chunk.len();
        if length > MOST_BYTES || packed.get_ref().len() > MOST_PACKED {
            return Err(too_large());
        }
        packed.write_all(&chunk).map_err(|_| too_large())?;
    }
    packed.finish().map_err(|_| too_large())
}

fn refusal(why: NotImported) -> Failure {
    match why {
        NotImported::NotEmpty => {
            let detail = "A backup would mix with what is here.";
            let remedy = "Import it into a new install, before anything is connected.";
            Problem::new(409, "not_empty", "This install is in use already.", detail, remedy).into()
        }
        NotImported::Unreadable(error) => {
            let (title, detail) = ("This is not a backup that can be imported.", format!("{error}. Nothing was imported."));
            let problem = Problem::new(422, "no_backup", title, detail, "Choose a file that Seatbridge gave out as a backup.");
            match &error {
                BackupError::Head(part) if !part.path().is_empty() => problem.about(part.path()).into(),
                _ => problem.into(),
            }
        }
        NotImported::Failed(error) => error.into(),
    }
}
