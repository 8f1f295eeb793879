//! The system and the calling member (PSA REST API, system/info, system/mySecurity, system/myMembers).

use serde_json::{Value, json};

use crate::exchange::Reply;
use crate::stage::Stage;

pub(super) fn info(stage: &Stage) -> Reply {
    let settings = stage.world.settings();
    let version = settings.codebase.trim_end_matches('/').replace('_', ".");
    Reply::ok(json!({
        "version": format!("{version}.105333"),
        "isCloud": settings.is_cloud,
        "serverTimeZone": "Eastern Standard Time",
        "licenseBits": [{ "name": "Core", "activeFlag": true }],
        "cloudRegion": "NA",
        "maxWorkFlowRecordsAllowed": 1000,
    }))
}

/// What the API member's role may do, one row per function.
pub(super) fn security(stage: &Stage) -> Vec<Value> {
    let rows = (1..).zip(&stage.world.settings().permissions).map(|(id, permission)| {
        json!({
            "id": id,
            "addLevel": permission.add,
            "editLevel": permission.edit,
            "deleteLevel": permission.delete,
            "inquireLevel": permission.inquire,
            "moduleFunctionName": permission.function,
            "moduleFunctionDescription": permission.function,
            "moduleFunctionIdentifier": permission.function.replace(' ', ""),
            "moduleName": permission.module,
            "moduleDescription": permission.module,
            "moduleIdentifier": permission.module.replace(' ', ""),
            "myAllFlag": true,
            "reportFlag": false,
            "restrictFlag": false,
            "customFlag": false,
            "sortOrder": id,
            "member": { "id": 191, "identifier": "SeatAPI", "name": "Seat API" },
        })
    });
    rows.collect()
}

pub(super) fn member(stage: &Stage) -> Reply {
    Reply::ok(json!({
        "id": 191,
        "identifier": "SeatAPI",
        "firstName": "Seat",
        "lastName": "API",
        "licenseClass": "A",
        "disableOnlineFlag": false,
        "inactiveFlag": false,
        "adminFlag": false,
        "securityRole": { "id": 63, "name": "Seat sync" },
        "_info": { "lastUpdated": stage.world.born.and_hms_opt(8, 0, 0).map(|moment| moment.and_utc()) },
    }))
}
