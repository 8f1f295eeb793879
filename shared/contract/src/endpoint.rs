//! How an endpoint is declared: once, beside its types, with [`endpoints!`]. The Worker's router and authorization, the OpenAPI
//! document, the app's client and the tests that walk every route derive from the declaration.

use std::fmt::Display;

use super::routes::Route;

/// One endpoint of the API. Adding one takes a declaration in its resource's file and a handler in the Worker.
pub trait Endpoint: Copy {
    /// The parts of its path, in their order; `()` when the path has none.
    type Path: PathParts;
    /// Its query; `()` when it takes none.
    type Query;
    /// Its body; `()` when it takes none.
    type Body;
    /// What it returns; `()` when it returns nothing, [`File`] when it returns a file.
    type Response;
    /// Its method, its path and who may call it.
    const ROUTE: Route;
    /// Which of path, query and body it takes.
    const TAKES: Takes;
}

/// An endpoint that can be called before anybody is signed in, or by whoever has opened a share link.
pub trait VisitorEndpoint: Endpoint {}

/// The response of an endpoint that returns a file. Its kind stands in the declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum File {}

/// Which parts of a request an endpoint takes, or a handler reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Takes {
    /// Parts of the path.
    pub path: bool,
    /// A query.
    pub query: bool,
    /// A body.
    pub body: bool,
}

impl Takes {
    /// What either of two takes.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { path: self.path || other.path, query: self.query || other.query, body: self.body || other.body }
    }

    /// Whether both take the same.
    pub const fn is(self, other: Self) -> bool {
        self.path == other.path && self.query == other.query && self.body == other.body
    }
}

/// The values that stand in a path for its `{name}`s.
pub trait PathParts {
    /// Hands out each value, in the order of the path.
    fn each(&self, take: &mut dyn FnMut(&dyn Display));
}

impl PathParts for () {
    fn each(&self, _: &mut dyn FnMut(&dyn Display)) {}
}

impl<A: Display, B: Display> PathParts for (A, B) {
    fn each(&self, take: &mut dyn FnMut(&dyn Display)) {
        take(&self.0);
        take(&self.1);
    }
}

macro_rules! path_parts {
    ($($part:ty),+ $(,)?) => {$(
        impl PathParts for $part {
            fn each(&self, take: &mut dyn FnMut(&dyn Display)) {
                take(self);
            }
        }
    )+};
}

path_parts! {
    String,
    domain::billing::Period,
    domain::ids::AccessGroupId,
    domain::ids::ConnectionId,
    domain::ids::DriftId,
    domain::ids::IntentId,
    domain::ids::LineId,
    domain::ids::PassId,
    domain::ids::TicketRuleId,
}

/// Declares the endpoints of a resource, and lists them as `ENDPOINTS`. A declaration is the summary, the name with the operation's
/// id, method and path, action and reach, the types that go in and the status and type that come back:
///
/// ```ignore
/// endpoints! { "drift";
///     /// What changed under mappings.
///     ListDrift("list_drift") = Get "/api/drift" (SeeBilling, Scoped), query DriftQuery => 200 Page<DriftView>;
///
///     /// Repair what changed under a mapping.
///     ResolveDrift("resolve_drift") = Post "/api/drift/{id}/resolve" (ManageMappings, Scoped),
///         path DriftId, body Resolve => 200 DriftView, or [409];
/// }
/// ```
///
/// A status alone returns nothing, and a kind in place of a type (`=> 200 "text/csv"`) a file. `or` names the problems that do not
/// follow from what the endpoint takes.
macro_rules! endpoints {
    ($tag:literal; $(
        #[doc = $summary:literal]
        $name:ident($id:literal) = $method:ident $address:literal ($action:ident, $reach:ident)
            $(, path $path:ty)? $(, query $query:ty)? $(, body $body:ty)?
            => $status:literal $($kind:literal)? $($response:ty)? $(, or [$($problem:literal),+])?;
    )+) => {
        /// The endpoints declared here, in their order.
        pub(crate) const ENDPOINTS: &[$crate::Route] = &[$(<$name as $crate::Endpoint>::ROUTE),+];

        $(
            #[doc = $summary]
            #[derive(Debug, Clone, Copy)]
            pub struct $name;

            impl $crate::Endpoint for $name {
                type Path = $crate::endpoint::given!($($path)?);
                type Query = $crate::endpoint::given!($($query)?);
                type Body = $crate::endpoint::given!($($body)?);
                type Response = $crate::endpoint::returned!($($kind)? $($response)?);

                const ROUTE: $crate::Route = $crate::Route {
                    method: $crate::Method::$method,
                    path: $address,
                    action: domain::access::Action::$action,
                    reach: $crate::RouteScope::$reach,
                    status: $status,
                    #[cfg(feature = "schema")]
                    operation: $crate::openapi::Operation {
                        id: $id,
                        tag: $tag,
                        summary: $summary,
                        query: $crate::endpoint::schema!(parameters, $($query)?),
                        body: $crate::endpoint::schema!(reference, $($body)?),
                        response: $crate::endpoint::described!($($kind)? $($response)?),
                        problems: &[$($($problem),+)?],
                    },
                };

                const TAKES: $crate::Takes = $crate::Takes {
                    path: $crate::endpoint::is_given!($($path)?),
                    query: $crate::endpoint::is_given!($($query)?),
                    body: $crate::endpoint::is_given!($($body)?),
                };
            }

            $crate::endpoint::for_visitors!($action $name);
        )+
    };
}

macro_rules! given {
    () => {
        ()
    };
    ($given:ty) => {
        $given
    };
}

macro_rules! is_given {
    () => {
        false
    };
    ($given:ty) => {
        true
    };
}

macro_rules! returned {
    () => {
        ()
    };
    ($kind:literal) => {
        $crate::File
    };
    ($response:ty) => {
        $response
    };
}

macro_rules! for_visitors {
    (SeeStatus $name:ident) => {
        impl $crate::VisitorEndpoint for $name {}
    };
    (SignIn $name:ident) => {
        impl $crate::VisitorEndpoint for $name {}
    };
    (OpenShare $name:ident) => {
        impl $crate::VisitorEndpoint for $name {}
    };
    (SeeShare $name:ident) => {
        impl $crate::VisitorEndpoint for $name {}
    };
    ($other:ident $name:ident) => {};
}

#[cfg(feature = "schema")]
macro_rules! schema {
    ($how:ident,) => {
        None
    };
    ($how:ident, $given:ty) => {
        Some($crate::openapi::$how::<$given>)
    };
}

#[cfg(feature = "schema")]
macro_rules! described {
    () => {
        $crate::openapi::Response::Nothing
    };
    ($kind:literal) => {
        $crate::openapi::Response::File($kind)
    };
    ($response:ty) => {
        $crate::openapi::Response::Json($crate::openapi::reference::<$response>)
    };
}

#[cfg(feature = "schema")]
pub(super) use {described, schema};
pub(super) use {endpoints, for_visitors, given, is_given, returned};
